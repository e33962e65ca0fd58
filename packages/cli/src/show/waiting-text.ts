import type { WireJob } from "../client/wire.ts";
import { clean, cut } from "./text.ts";

type Waiting = WireJob["waiting"][number];

/** What waits for these is on its way: the site's ordinary pace. */
const MOVING: ReadonlySet<string> = new Set(["rate-limit", "proof-delay"]);

/** The reasons that tell how it is with a job as a whole: they hold most of its pages, or nothing else moves. */
export function tellingReasons({ counts, waiting }: WireJob): readonly Waiting[] {
  const held = waiting.filter(({ reason }) => !MOVING.has(reason));
  const open = counts.pending + counts.released;
  const moving = open - held.reduce((sum, { pages }) => sum + pages, 0);
  return held.filter(({ pages }) => pages === 0 || 2 * pages >= open || moving <= 0);
}

/**
 * Why the domain gets no requests, in words for people; null for any other reason.
 * @param room columns for all of it: what closed the domain is cut, and a plea, which says little more, left out.
 */
export function closedText(
  { reason, until, because }: Waiting,
  moment: Moment,
  room = Infinity,
): string | null {
  if (because === undefined || until === null) return null;
  const told = (why: string) =>
    reason === "circuit-open"
      ? `the site failed${why}, next try ${moment(until)}`
      : `the site asks for quiet until ${moment(until)}${why}`;
  if (reason !== "circuit-open" && room < Infinity) return told("");
  const left = room - told(" ()").length;
  return told(left < LEAST_BECAUSE ? "" : ` (${cut(clean(because), left)})`);
}

/** Fewer characters of what failed would say nothing: "answered 500". */
const LEAST_BECAUSE = 12;

/** A reason as the API names it. */
export function reasonText({ reason, until }: Waiting, moment: Moment): string {
  return `${clean(reason)}${until === null ? "" : ` until ${moment(until)}`}`;
}

type Moment = (iso: string) => string;
