export interface ScalingBounds {
  readonly min: number;
  readonly max: number;
  /** Workers that each further active job adds. */
  readonly perJob: number;
}

/**
 * Workers wanted for a number of active jobs (founding plan): the minimum for none or one, one step more for
 * each further job; where less than one step remains below the maximum, the maximum.
 * With 3..25 and a step of 3: 0→3, 1→3, 2→6, 3→9, 5→15, 7→21, 8→25, 9 and more→25.
 */
export function desiredWorkers(activeJobs: number, { min, max, perJob }: ScalingBounds): number {
  if (activeJobs === 0) return min;
  // A minimum of none is for times without jobs: a job without a worker would wait for ever.
  const wish = (min || perJob) + perJob * (activeJobs - 1);
  return max - wish < perJob && activeJobs > 1 ? max : Math.min(max, wish);
}
