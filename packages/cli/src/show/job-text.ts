import { formatDuration, type JobStatus } from "@bee/core";
import { donePages, secondsLeft } from "../client/progress.ts";
import type { WireJob } from "../client/wire.ts";
import { BEE } from "../command-name.ts";
import type { Style } from "./paint.ts";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable, GAP, textOf } from "./table.ts";
import { clean, count, thousands, wrap } from "./text.ts";
import { closedText, reasonText } from "./waiting-text.ts";

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
    ...job.waiting.map((waiting): Cell[] => ["waiting", waitOf(waiting)]),
    ["routing", job.routing ?? ""],
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

function waitOf(waiting: WireJob["waiting"][number]): string {
  const { pages } = waiting;
  const closed = closedText(waiting, moment);
  if (closed !== null) return pages === 0 ? closed : `${count(pages, "page")}, ${closed}`;
  return `${pages === 0 ? "" : `${thousands(pages)} for `}${reasonText(waiting, moment)}`;
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
  const columns = columnsFor(jobs, now, screen.width);
  const head = columns.map(({ name }): Cell => ({ text: name, style: "dim" }));
  const rows = jobs.map((job) => columns.map(({ of }) => of(job)));
  const right = columns.flatMap(({ isNumber }, i) => (isNumber ? [i] : []));
  const flexible = [columns.length - 1];
  return `${formatTable([head, ...rows], { ...screen, right, flexible }).join("\n")}\n`;
}

interface Column {
  readonly name: string;
  readonly of: (job: WireJob) => Cell;
  readonly isNumber?: boolean;
}

/** In reading order. Where a site would be cut the age goes, then what is bad: each job tells them itself. */
function columnsFor(jobs: readonly WireJob[], now: number, width: number): Column[] {
  const bad = ({ counts: { failed } }: WireJob): Cell =>
    failed > 0 ? { text: thousands(failed), style: "red" } : "0";
  const all: Column[] = [
    { name: "id", of: ({ id }) => id },
    { name: "status", of: ({ status }) => statusCell(status) },
    {
      name: "pages",
      of: (job) => `${thousands(donePages(job))}/${thousands(job.counts.total)}`,
      isNumber: true,
    },
    { name: "bad", of: bad, isNumber: true },
    { name: "age", of: ({ createdAt }) => age(now - Date.parse(createdAt)), isNumber: true },
    { name: "site", of: ({ url }) => new URL(url).host },
  ];
  const fewer = [all, all.toSpliced(4, 1), all.toSpliced(3, 2)];
  return fewer.find((columns) => widthOf(columns, jobs) <= width) ?? fewer.at(-1)!;
}

function widthOf(columns: readonly Column[], jobs: readonly WireJob[]): number {
  const widths = columns.map(({ name, of }) =>
    Math.max(name.length, ...jobs.map((job) => clean(textOf(of(job))).length)),
  );
  return widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
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
