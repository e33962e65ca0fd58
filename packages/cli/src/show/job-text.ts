import { formatDuration, type JobStatus } from "@bee/core";
import { donePages, secondsLeft } from "../client/progress.ts";
import type { WireJob } from "../client/wire.ts";
import { BEE } from "../command-name.ts";
import type { Style } from "./paint.ts";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable, GAP } from "./table.ts";
import { clean, thousands, wrap } from "./text.ts";

const STATUS_STYLES: Partial<Record<JobStatus, Style>> = {
  running: "cyan",
  completed: "green",
  failed: "red",
  paused: "yellow",
  cancelled: "dim",
};

function statusCell(status: JobStatus): Cell {
  const style = STATUS_STYLES[status];
  return style === undefined ? status : { text: status, style };
}

const INDENT = 2;

/** All of one job that fits a screen. */
export function jobText(job: WireJob, screen: Screen): string {
  const rows: Cell[][] = [
    ["status", statusCell(job.status)],
    ["site", job.url],
    ["tier", `${job.tier}, region ${job.region}`],
    ["pages", pagesOf(job)],
    ["outcomes", nonZero(job.outcomes)],
    ["cache", nonZero(without(job.cache, "none"))],
    ["pace", paceOf(job)],
    ...job.waiting.map(({ reason, pages, until }): Cell[] => [
      "waiting",
      `${pages === 0 ? "" : `${thousands(pages)} for `}${reason}${until === null ? "" : ` until ${moment(until)}`}`,
    ]),
    ["submitted", moment(job.createdAt)],
    ["finished", job.finishedAt === null ? "" : moment(job.finishedAt)],
    ...job.warnings.flatMap((warning) => warningRows(warning, screen)),
  ];
  const told = rows
    .filter(([, value]) => value !== "")
    .map(([name, value]): Cell[] => [{ text: name as string, style: "dim" }, value!]);
  const head = `${screen.paint("bold", "Job")} ${clean(job.id)}`;
  return `${[head, ...causeOf(job, screen), ...formatTable(told, { ...screen, flexible: [1], indent: INDENT })].join("\n")}\n`;
}

const NAMES = "submitted".length;

/** In full: its end says what to do about it. */
function warningRows(warning: string, { width }: Screen): Cell[][] {
  const room = width - INDENT - NAMES - GAP.length;
  return wrap(clean(warning), room).map((line, i) => [i === 0 ? "warning" : "", line]);
}

/** Why a job failed, in full: it is what its reader came for. */
function causeOf({ failure }: WireJob, { paint, width }: Screen): string[] {
  if (failure === null) return [];
  return wrap(clean(failure), width - 2).map((line) => `  ${paint("red", line)}`);
}

/** Jobs, one a line. */
export function jobsText(jobs: readonly WireJob[], screen: Screen, now = Date.now()): string {
  if (jobs.length === 0) return `No jobs yet. Warm a site: ${BEE} warm https://example.com\n`;
  const head = ["id", "status", "pages", "bad", "age", "site"].map((text): Cell => ({ text, style: "dim" }));
  const rows = jobs.map((job): Cell[] => [
    job.id,
    statusCell(job.status),
    `${thousands(donePages(job))}/${thousands(job.counts.total)}`,
    job.counts.failed > 0 ? { text: thousands(job.counts.failed), style: "red" } : "0",
    age(now - Date.parse(job.createdAt)),
    new URL(job.url).host,
  ]);
  return `${formatTable([head, ...rows], { ...screen, right: [2, 3, 4], flexible: [5] }).join("\n")}\n`;
}

function pagesOf(job: WireJob): string {
  const { counts } = job;
  if (counts.total === 0) return "";
  const others = [
    counts.pending > 0 ? `${thousands(counts.pending)} pending` : "",
    counts.released > 0 ? `${thousands(counts.released)} on their way` : "",
    counts.cancelled > 0 ? `${thousands(counts.cancelled)} cancelled` : "",
  ].filter((part) => part !== "");
  return [`${thousands(donePages(job))} of ${thousands(counts.total)} done`, ...others].join(", ");
}

function paceOf(job: WireJob): string {
  if (donePages(job) === 0) return "";
  const pace = `${job.rate} pages a second`;
  const seconds = secondsLeft(job);
  return seconds === null ? pace : `${pace}, about ${formatDuration(1_000 * seconds)} left`;
}

function nonZero(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${thousands(n)} ${name}`)
    .join(", ");
}

function without(counts: Readonly<Record<string, number>>, left: string): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => name !== left));
}

/** In the reader's time zone. */
function moment(iso: string): string {
  return new Date(iso).toLocaleString("sv-SE");
}

/** In the largest unit. */
function age(ms: number): string {
  return formatDuration(ms).split(" ")[0]!;
}
