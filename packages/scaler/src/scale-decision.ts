import { desiredWorkers, type ScalingBounds } from "@bee/core";

export interface ScaleInput {
  readonly activeJobs: number;
  readonly current: number;
  readonly bounds: ScalingBounds;
  readonly scaleDownDelayMs: number;
  /** How long the law has asked for fewer than `current` without a break. */
  readonly lowerForMs: number;
}

export interface ScaleDecision {
  /** Workers to have; `current` when nothing changes. */
  readonly to: number;
  /** Whether the law asks for fewer workers than there are. */
  readonly lower: boolean;
  readonly reason: string;
}

/** What to do now: up at once, down only after the demand has been lower for the whole delay. */
export function decideScale({
  activeJobs,
  current,
  bounds,
  scaleDownDelayMs,
  lowerForMs,
}: ScaleInput): ScaleDecision {
  const wish = desiredWorkers(activeJobs, bounds);
  const why = `${explain(activeJobs, wish, bounds)}, ${current}`;
  if (wish >= current) return { to: wish, lower: false, reason: `${why} live` };
  if (lowerForMs < scaleDownDelayMs) return { to: current, lower: true, reason: `${why} stay for now` };
  return { to: wish, lower: true, reason: `${why} live, too many for ${Math.round(lowerForMs / 1_000)} s` };
}

/** What decides: a bound, where it does and not the jobs. */
function explain(activeJobs: number, wish: number, { min, max, perJob }: ScalingBounds): string {
  const jobs = activeJobs === 0 ? "no active job" : count(activeJobs, "active job");
  if (activeJobs === 0 || (wish === min && activeJobs * perJob < min))
    return `${jobs}, the minimum is ${min}`;
  if (wish === max) return `${jobs}, the maximum is ${max}`;
  return `${jobs} ${activeJobs === 1 ? "asks" : "ask"} for ${count(wish, "worker")}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
