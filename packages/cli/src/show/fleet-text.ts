import { TIERS } from "@bee/core";
import type { WireFleet } from "../client/wire.ts";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable } from "./table.ts";
import { count, measured, thousands } from "./text.ts";

const DECISIONS = 8;

/** The fleet on one screen: who works, what waits, why it has this size. */
export function fleetText(
  { workers, queues, desired, current, decisions, connections, canary }: WireFleet,
  screen: Screen,
): string {
  const { paint } = screen;
  const sum = (of: (worker: WireFleet["workers"][number]) => number) =>
    workers.reduce((total, worker) => total + of(worker), 0);
  const slots = `${thousands(sum(({ busy }) => busy))} of ${count(
    sum((worker) => worker.slots),
    "slot",
  )} busy`;
  const head = `${paint("bold", count(current, "worker"))}, ${desired} wanted, ${slots}`;
  const { open, idle, budget, limit } = connections;
  const database = `${open} of ${count(budget, "database connection")} open, ${idle} idle, ${limit} at most`;
  const tables = [
    workersTable(workers, screen),
    queuesTable(queues, screen),
    decisionsTable(decisions, screen),
  ];
  return `${[[head, database, ...canaryLine(canary, screen)], ...tables.filter((lines) => lines.length > 1)].map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Nothing where nobody checks the fleet. */
function canaryLine(canary: WireFleet["canary"], { paint }: Screen): string[] {
  if (canary === null) return [];
  const { lastAt, durationMs, ok } = canary;
  const last =
    lastAt === null
      ? "has not passed a check of itself yet"
      : `checked itself at ${time(lastAt)}, in ${measured(durationMs!)}`;
  return [ok ? last : paint("red", `does not do its work: ${last}`)];
}

function workersTable(workers: WireFleet["workers"], screen: Screen): string[] {
  const rows = workers.map(({ pid, host, region, class: kind, state, busy, slots, startedAt }): Cell[] => [
    String(pid),
    state,
    `${busy}/${slots}`,
    time(startedAt),
    `${region}, ${kind}`,
    host,
  ]);
  const head = ["worker", "state", "busy", "since", "fleet", "host"];
  return formatTable([dim(head), ...rows], { ...screen, right: [0, 2], flexible: [5] });
}

function queuesTable(queues: WireFleet["queues"], screen: Screen): string[] {
  const rows = TIERS.map((tier): Cell[] => {
    const { waiting, active, delayed } = queues[tier];
    return [tier, thousands(waiting), thousands(active), thousands(delayed)];
  });
  const head = ["queue", "waiting", "active", "delayed"];
  return formatTable([dim(head), ...rows], { ...screen, right: [1, 2, 3], flexible: [0] });
}

function decisionsTable(decisions: WireFleet["decisions"], screen: Screen): string[] {
  const rows = decisions
    .slice(0, DECISIONS)
    .map(({ at, from, to, reason }): Cell[] => [time(at), `${from} → ${to}`, reason]);
  return formatTable([dim(["at", "workers", "because"]), ...rows], { ...screen, flexible: [2] });
}

function dim(names: readonly string[]): Cell[] {
  return names.map((text) => ({ text, style: "dim" }));
}

function time(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
