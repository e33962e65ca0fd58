import { TIERS } from "@bee/core";
import type { WireFleet } from "../client/wire.ts";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable } from "./table.ts";
import { count, measured, thousands } from "./text.ts";

const DECISIONS = 8;

/** The fleet on one screen: who works, what waits, why it has this size. */
export function fleetText(
  { workers, fleets, queues, desired, current, decisions, connections, canary }: WireFleet,
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
    fleets.length > 1 ? fleetsTable(fleets, screen) : [],
    workersTable(workers, screen),
    queuesTable(queues, screen),
    decisionsTable(decisions, fleets.length > 1, screen),
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

function fleetsTable(fleets: WireFleet["fleets"], screen: Screen): string[] {
  const rows = fleets.map((fleet): Cell[] => {
    const waiting = TIERS.reduce((sum, tier) => sum + fleet.queues[tier].waiting, 0);
    const slots = `${thousands(fleet.busy)}/${thousands(fleet.usable)}`;
    return [nameOf(fleet), String(fleet.workers), String(fleet.desired), slots, thousands(waiting)];
  });
  const head = ["fleet", "workers", "wanted", "busy", "waiting"];
  return formatTable([dim(head), ...rows], { ...screen, right: [1, 2, 3, 4], flexible: [0] });
}

function workersTable(workers: WireFleet["workers"], screen: Screen): string[] {
  const rows = workers.map((worker): Cell[] => [
    String(worker.pid),
    worker.state,
    `${worker.busy}/${worker.slots}`,
    time(worker.startedAt),
    nameOf(worker),
    worker.host,
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

/** @param named whether there are several fleets, so that each decision says whose size it changed. */
function decisionsTable(decisions: WireFleet["decisions"], named: boolean, screen: Screen): string[] {
  const rows = decisions.slice(0, DECISIONS).map((decision): Cell[] => {
    const { at, from, to, reason } = decision;
    const change = `${from} → ${to}`;
    return named ? [time(at), nameOf(decision), change, reason] : [time(at), change, reason];
  });
  const head = named ? ["at", "fleet", "workers", "because"] : ["at", "workers", "because"];
  return formatTable([dim(head), ...rows], { ...screen, flexible: [head.length - 1] });
}

function nameOf({ region, class: kind }: { readonly region: string; readonly class: string }): string {
  return `${region}, ${kind}`;
}

function dim(names: readonly string[]): Cell[] {
  return names.map((text) => ({ text, style: "dim" }));
}

function time(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
