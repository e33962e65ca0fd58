import { formatDuration } from "@bee/core";
import { donePages, type Progress, secondsLeft } from "../client/progress.ts";
import { PATIENCE_MS } from "../client/until-answered.ts";
import type { WireJob } from "../client/wire.ts";
import type { Paint } from "./paint.ts";
import { count, thousands } from "./text.ts";
import { closedText, reasonText, tellingReasons } from "./waiting-text.ts";

/** Something to tell: the parts stand in reading order, and those that matter least go first when room is short. */
interface Part {
  readonly text: string;
  /** The smaller, the longer it stays. */
  readonly rank: number;
  readonly painted?: (paint: Paint) => string;
}

/** Progress in one line of a terminal of that width, in which the same stands in the same place from line to line. */
export function progressLine(progress: Progress, width: number, paint: Paint): string {
  const { job } = progress;
  const parts = partsOf(progress, { width, digits: thousands(job.counts.total).length });
  const hasBar = !progress.away && job.counts.total > 0 && job.status !== "expanding";
  const all = hasBar ? [bar(job, width < WIDE ? SHORT_BAR : LONG_BAR), ...parts] : parts;
  return fitting(all, width)
    .map(({ text, painted }) => painted?.(paint) ?? text)
    .join(GAP);
}

const GAP = "  ";

/** Columns from which on a long bar leaves room for all the rest. */
const WIDE = 110;
const LONG_BAR = 24;
const SHORT_BAR = 10;

/** Progress as a line of a log. */
export function progressSentence(progress: Progress): string {
  return partsOf(progress, { width: Infinity, digits: 0 })
    .map(({ text }) => text)
    .join(", ");
}

/** Columns of the line, and those that the pages done take at least. */
interface Room {
  readonly width: number;
  readonly digits: number;
}

const AWAY = `the API does not answer; waiting for it, ${formatDuration(PATIENCE_MS)} at most`;

function partsOf(progress: Progress, { width, digits }: Room): Part[] {
  const { job, away } = progress;
  if (away) return [{ text: AWAY, rank: 0 }];
  const isCounted = job.counts.total > 0;
  const first = { text: isCounted ? pagesOf(job, digits) : beforePages(job), rank: 0 };
  const results = isCounted ? [...paceParts(progress), ...resultParts(job)] : [];
  return [first, ...results, ...waitParts(job, width - first.text.length - GAP.length)];
}

/** While sitemaps are read, of how many pages those done are a part is not known yet. */
function pagesOf(job: WireJob, digits: number): string {
  const { total } = job.counts;
  if (job.status === "expanding") return `reading sitemaps, ${count(total, "page")} so far`;
  return `${thousands(donePages(job)).padStart(digits)} of ${count(total, "page")}`;
}

function beforePages({ status }: WireJob): string {
  return status === "expanding" ? "reading robots.txt and sitemaps" : `the job is ${status}`;
}

function paceParts({ perSecond }: Progress): Part[] {
  return perSecond === null ? [] : [{ text: `${perSecond.toFixed(1)}/s`, rank: 8 }];
}

function resultParts({ outcomes, cache }: WireJob): Part[] {
  const results = [
    { text: amount(cache.warmed, "warmed"), rank: 5 },
    { text: amount(cache["already-warm"], "already warm"), rank: 6 },
    { text: amount(cache.uncacheable, "uncacheable"), rank: 7 },
    bad(amount(outcomes.broken, "broken")),
    bad(amount(outcomes.blocked, "blocked")),
    bad(amount(outcomes.unreachable, "unreachable")),
  ];
  return results.filter(({ text }) => text !== "");
}

function bad(text: string): Part {
  return { text, rank: 3, painted: (paint) => paint("red", text) };
}

/** When it ends, and why nothing moves, where it is more than the site's ordinary pace. */
function waitParts(job: WireJob, room: number): Part[] {
  const parts = tellingReasons(job).map((waiting) => ({
    text: closedText(waiting, clock, room) ?? `waiting: ${reasonText(waiting, clock)}`,
    rank: 1,
  }));
  const seconds = secondsLeft(job);
  return seconds === null ? parts : [...parts, { text: `${formatDuration(1_000 * seconds)} left`, rank: 4 }];
}

function amount(n: number, name: string): string {
  return n === 0 ? "" : `${thousands(n)} ${name}`;
}

function clock(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}

/** As many of the parts as fit, without those of the highest rank. */
function fitting(parts: readonly Part[], width: number): readonly Part[] {
  if (parts.length <= 1 || lengthOf(parts) <= width) return parts;
  const least = Math.max(...parts.map(({ rank }) => rank));
  const last = parts.findLastIndex(({ rank }) => rank === least);
  return fitting(parts.toSpliced(last, 1), width);
}

function lengthOf(parts: readonly Part[]): number {
  return parts.map(({ text }) => text).join(GAP).length;
}

function bar(job: WireJob, width: number): Part {
  const done = "█".repeat(Math.floor((width * donePages(job)) / job.counts.total));
  const left = "░".repeat(width - done.length);
  return { text: done + left, rank: 2, painted: (paint) => paint("green", done) + paint("dim", left) };
}
