import { formatDuration } from "@bee/core";
import { donePages, type Progress, secondsLeft } from "../client/progress.ts";
import { PATIENCE_MS } from "../client/until-answered.ts";
import type { WireJob } from "../client/wire.ts";
import type { Paint } from "./paint.ts";
import { clean, count, thousands } from "./text.ts";

const BAR_WIDTH = 24;

/** Something to tell: the parts stand in reading order, and those that matter least go first when room is short. */
interface Part {
  readonly text: string;
  /** The smaller, the longer it stays. */
  readonly rank: number;
  readonly isBad?: boolean;
}

/** Progress in one line of a terminal of that width. */
export function progressLine(progress: Progress, width: number, paint: Paint): string {
  const parts = fitting(partsOf(progress), width);
  const room = width - lengthOf(parts) - 2;
  const texts = parts.map(({ text, isBad }) => (isBad ? paint("red", text) : text));
  const { job } = progress;
  if (room >= BAR_WIDTH && job.counts.total > 0 && job.status !== "expanding") texts.unshift(bar(job, paint));
  return texts.join("  ");
}

/** Progress as a line of a log. */
export function progressSentence(progress: Progress): string {
  return partsOf(progress)
    .map(({ text }) => text)
    .join(", ");
}

const AWAY = `the API does not answer; waiting for it, ${formatDuration(PATIENCE_MS)} at most`;

function partsOf(progress: Progress): Part[] {
  const { job, away } = progress;
  if (away) return [{ text: AWAY, rank: 0 }];
  if (job.counts.total === 0) return [{ text: beforePages(job), rank: 0 }, ...waitParts(job)];
  return [{ text: pagesOf(job), rank: 0 }, ...paceParts(progress), ...resultParts(job), ...waitParts(job)];
}

/** While sitemaps are read, of how many pages those done are a part is not known yet. */
function pagesOf(job: WireJob): string {
  const { total } = job.counts;
  if (job.status === "expanding") return `reading sitemaps, ${count(total, "page")} so far`;
  return `${thousands(donePages(job))} of ${thousands(total)} pages`;
}

function beforePages({ status }: WireJob): string {
  return status === "expanding" ? "reading robots.txt and sitemaps" : `the job is ${status}`;
}

function paceParts({ perSecond }: Progress): Part[] {
  return perSecond === null ? [] : [{ text: `${perSecond.toFixed(1)}/s`, rank: 5 }];
}

function resultParts({ outcomes, cache }: WireJob): Part[] {
  const results: Part[] = [
    { text: amount(cache.warmed, "warmed"), rank: 2 },
    { text: amount(cache["already-warm"], "already warm"), rank: 3 },
    { text: amount(cache.uncacheable, "uncacheable"), rank: 4 },
    { text: amount(outcomes.broken, "broken"), rank: 2, isBad: true },
    { text: amount(outcomes.blocked, "blocked"), rank: 2, isBad: true },
    { text: amount(outcomes.unreachable, "unreachable"), rank: 2, isBad: true },
  ];
  return results.filter(({ text }) => text !== "");
}

/** When it ends, and why nothing moves, where it is more than the site's ordinary pace. */
function waitParts(job: WireJob): Part[] {
  const reasons = job.waiting.filter(({ reason }) => reason !== "rate-limit" && reason !== "proof-delay");
  const parts = reasons.map(({ reason, until }) => ({
    text: `waiting: ${clean(reason)}${until === null ? "" : ` until ${clock(until)}`}`,
    rank: 1,
  }));
  const seconds = secondsLeft(job);
  return seconds === null ? parts : [...parts, { text: `${formatDuration(1_000 * seconds)} left`, rank: 1 }];
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
  return parts.map(({ text }) => text).join("  ").length;
}

function bar(job: WireJob, paint: Paint): string {
  const full = Math.floor((BAR_WIDTH * donePages(job)) / job.counts.total);
  return paint("green", "█".repeat(full)) + paint("dim", "░".repeat(BAR_WIDTH - full));
}
