import { formatDuration } from "@bee/core";
import type { WireSchedule } from "../client/wire.ts";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable } from "./table.ts";
import { clean } from "./text.ts";

/** Schedules as a table. */
export function schedulesText(schedules: readonly WireSchedule[], screen: Screen): string {
  if (schedules.length === 0) return "No schedules yet\n";
  const head = ["id", "when", "next", "name"].map((text): Cell => ({ text, style: "dim" }));
  const rows = schedules.map((schedule): Cell[] => [
    schedule.id,
    timesOf(schedule),
    schedule.status === "paused" ? { text: "paused", style: "dim" } : minuteOf(schedule.nextRuns[0]!),
    schedule.name,
  ]);
  return `${formatTable([head, ...rows], { ...screen, flexible: [3] }).join("\n")}\n`;
}

/** One schedule, and when it runs next. */
export function scheduleText(schedule: WireSchedule): string {
  const { id, name, job, nextRuns } = schedule;
  const next = nextRuns.length === 0 ? "paused" : nextRuns.map(minuteOf).join(", ");
  const lines = [
    `Schedule ${id}`,
    `  Name  ${clean(name)}`,
    `  Site  ${clean(job.url ?? job.domain ?? "")}`,
    `  When  ${timesOf(schedule)}`,
    `  Next  ${next}`,
  ];
  return `${lines.join("\n")}\n`;
}

function timesOf({ cron, everySeconds, timeZone }: WireSchedule): string {
  return cron === null ? `every ${formatDuration(1_000 * everySeconds!)}` : `${cron} ${timeZone}`;
}

/** In UTC, as all times of the tables. */
function minuteOf(moment: string): string {
  return `${moment.slice(0, 16).replace("T", " ")}Z`;
}
