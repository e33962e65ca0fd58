import type { CacheResult, Outcome } from "@bee/core";
import type { Database, Tx } from "./database.ts";

export interface Tallies {
  readonly outcomes: Partial<Record<Outcome, number>>;
  readonly cache: Partial<Record<CacheResult, number>>;
}

/** How the ended pages of some jobs divide, by job. */
export async function readTallies(db: Database | Tx, jobs: readonly string[]): Promise<Map<string, Tallies>> {
  const rows =
    jobs.length === 0
      ? []
      : await db
          .selectFrom("tallies")
          .selectAll()
          .where("job_id", "in", jobs)
          .where("pages", ">", 0)
          .execute();
  const tallies = new Map<string, { outcomes: Tallies["outcomes"]; cache: Tallies["cache"] }>();
  for (const { job_id, outcome, cache, pages } of rows) {
    const of = tallies.get(job_id) ?? { outcomes: {}, cache: {} };
    of.outcomes[outcome] = (of.outcomes[outcome] ?? 0) + pages;
    if (outcome === "ok") of.cache[cache] = (of.cache[cache] ?? 0) + pages;
    tallies.set(job_id, of);
  }
  return tallies;
}
