import { createHash } from "node:crypto";
import { LINK_LIMITS, RecentMap } from "@bee/core";

/** Jobs and queries that are remembered; what is dropped is counted anew. */
const CAPACITY = { jobs: 50, queries: 10_000 };

/** The queries of one job, by path. */
class JobQueries {
  readonly #paths = new Map<string, Set<number>>();
  #size = 0;

  isOneTooMany(path: string, query: number): boolean {
    const known = this.#paths.get(path) ?? new Set();
    if (known.has(query)) return false;
    if (known.size >= LINK_LIMITS.queries) return true;
    this.#paths.set(path, known.add(query));
    if (++this.#size > CAPACITY.queries) this.#dropOldest();
    return false;
  }

  #dropOldest(): void {
    const [path, queries] = this.#paths.entries().next().value!;
    this.#paths.delete(path);
    this.#size -= queries.size;
  }
}

/**
 * Counts the queries that links name at one path: ten colours, six sizes and four orders are 240 pages of one list. A single
 * parameter is not counted, because old sites have all their pages at `/index.php?id=`. Each worker counts for itself.
 */
export class QueryTally {
  readonly #jobs = new RecentMap<string, JobQueries>(CAPACITY.jobs);

  isOneTooMany(job: string, { origin, pathname, search, searchParams }: URL): boolean {
    if (searchParams.size < 2) return false;
    const queries = this.#jobs.get(job) ?? new JobQueries();
    this.#jobs.set(job, queries);
    return queries.isOneTooMany(
      origin + pathname,
      createHash("md5").update(search).digest().readUIntBE(0, 6),
    );
  }
}
