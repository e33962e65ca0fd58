import type { JobCounts } from "./job.ts";

export interface JobSpan {
  readonly counts: JobCounts;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** When it was looked at. */
  readonly readAt: Date;
}

/** Visited pages a second, from a job's start to its end or to now. */
export function jobRate({ counts, startedAt, finishedAt, readAt }: JobSpan): number {
  if (startedAt === null) return 0;
  const seconds = ((finishedAt ?? readAt).getTime() - startedAt.getTime()) / 1_000;
  // Pages that robots.txt or the cap left out took no time.
  return seconds <= 0 ? 0 : Math.round((100 * (counts.succeeded + counts.failed)) / seconds) / 100;
}

/** The counts of all names, 0 where there is none. */
export function withZeros<K extends string>(
  names: readonly K[],
  counts: Partial<Record<K, number>>,
): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])) as Record<K, number>;
}
