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
  const law = `${count(activeJobs, "active job")} ${activeJobs === 1 ? "asks" : "ask"} for ${count(wish, "worker")}`;
  if (wish === current) return { to: current, lower: false, reason: law };
  if (wish > current) return { to: wish, lower: false, reason: `${law}, ${current} live` };
  if (lowerForMs < scaleDownDelayMs)
    return { to: current, lower: true, reason: `${law}, ${current} stay for now` };
  return { to: wish, lower: true, reason: `${law} for ${Math.round(lowerForMs / 1_000)} s, ${current} live` };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
