/** The founding plan's table, written down once more so that the fleet is not judged by its own formula. */
const WORKERS = [3, 3, 6, 9, 12, 15, 18, 21, 25] as const;

/** Workers that so many active jobs ask for, between 3 and 25. */
export function lawOf(jobs: number): number {
  return WORKERS[jobs] ?? WORKERS.at(-1)!;
}
