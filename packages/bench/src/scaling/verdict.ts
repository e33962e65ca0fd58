import type { Step } from "./course.ts";
import type { Crew } from "./crew.ts";
import { lawOf } from "./law.ts";
import type { Sample } from "./watch.ts";
import type { Decision } from "./wire.ts";

/** The wish of a moment ago may still be on its way: workers that are retired have not all been told yet. */
const AFTERMATH_MS = 5_000;
const PATIENCE_MS = 5_000;

/** By how many the workers that run and do not stop were more than were wished for; above 0, some were started twice. */
export function worstExcess(samples: readonly Sample[]): number {
  return Math.max(
    0,
    ...samples.map(({ at, going }) => {
      const wishes = samples
        .filter((one) => one.at <= at && one.at > at - AFTERMATH_MS)
        .map(({ wish }) => wish);
      return going - Math.max(...wishes);
    }),
  );
}

/** Wishes other than the table's, where the jobs had stayed the same. */
export function wrongWishes(steps: readonly Step[]): number {
  return steps.reduce(
    (sum, { jobs, wishes }) => sum + wishes.filter((wish) => wish !== lawOf(jobs)).length,
    0,
  );
}

export function outOfBounds(samples: readonly Sample[], { min, max }: { min: number; max: number }): number {
  return samples.filter(({ wish }) => wish < min || wish > max).length;
}

/** Workers that were told to end, have ended, and did not say that they had done so in order. */
export function untidy(crew: Pick<Crew, "everyWorker" | "heard" | "living">): number[] {
  const saying = (message: string) => new Set(crew.heard(message).map((line) => line.process.pid));
  const [stopping, stopped, living] = [saying("stopping"), saying("stopped"), new Set(crew.living())];
  return crew.everyWorker.filter((pid) => stopping.has(pid) && !stopped.has(pid) && !living.has(pid));
}

/**
 * What is wrong with decisions, in plain words: one that does not go on from the one before, that the table does not
 * ask for, that came too early, or whose sentence does not say why.
 */
export function faultsOf(decisions: readonly Decision[], scaleDownDelayMs: number): string[] {
  const changes = decisions.filter(({ from, to }) => from !== to);
  return [...decisions.flatMap((one) => faultOf(one, scaleDownDelayMs)), ...gaps(changes), ...flaps(changes)];
}

function faultOf({ from, to, reason, inputs }: Decision, scaleDownDelayMs: number): string[] {
  const { activeJobs, runnable } = inputs;
  const law = lawOf(activeJobs);
  const told = `${from} → ${to} (${reason})`;
  const jobs = activeJobs === 0 ? "no active job" : `${activeJobs} active job${activeJobs === 1 ? "" : "s"}`;
  if (to > from) {
    if (to === law && reason.startsWith(jobs)) return [];
    if (to > law && runnable.oldestMs > PATIENCE_MS && reason.includes("wait for a slot")) return [];
    return [`${told}: expected ${law} for ${jobs}`];
  }
  if (to === from)
    return reason.includes("more workers would not make faster") ? [] : [`${told}: no change, and no reason`];
  const longer = /too many for (\d+) s/.exec(reason);
  if (longer === null || 1_000 * (Number(longer[1]) + 1) < scaleDownDelayMs)
    return [`${told}: expected fewer to have done for ${scaleDownDelayMs / 1_000} s`];
  return to < law ? [`${told}: expected no fewer than ${law} for ${jobs}`] : [];
}

function gaps(changes: readonly Decision[]): string[] {
  return changes.flatMap(({ from }, i) => {
    const before = i === 0 ? 0 : changes[i - 1]!.to;
    return from === before ? [] : [`a decision goes from ${from}, the one before went to ${before}`];
  });
}

/** More workers, and then fewer, is what the jobs did; anything more is flapping. */
function flaps(changes: readonly Decision[]): string[] {
  const turns = changes.filter(({ from, to }, i) => {
    const before = changes[i - 1];
    return before !== undefined && Math.sign(to - from) !== Math.sign(before.to - before.from);
  });
  return turns.length <= 1
    ? []
    : [`the fleet turned ${turns.length} times: ${changes.map(({ to }) => to).join(", ")}`];
}
