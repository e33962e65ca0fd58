import { type CacheResult, endStateOf, mayMove, type Outcome, type PageState } from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";

type Counter = PageState | "total" | "visits";
type Entry = Record<Counter | "turn", number>;

/**
 * The changes that one transaction makes to the counters of its jobs. Pages move only through it, so that the
 * counters and the pages cannot come apart, and each job's row is written once.
 */
export class JobLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #tallies = new Map<string, { job: string; outcome: Outcome; cache: CacheResult; pages: number }>();
  /** Jobs that have failed in this transaction. */
  readonly failedJobs: string[] = [];

  /** Pages of a job that came into being in a state. */
  created(job: string, state: PageState, pages: number): void {
    const entry = this.#entryOf(job);
    entry.total += pages;
    entry[state] += pages;
  }

  /** How many pages the job has more than its row says. */
  totalOf(job: string): number {
    return this.#entries.get(job)?.total ?? 0;
  }

  /** @throws Error where pages may not go from the one state to the other; the transaction ends without a change. */
  moved(job: string, from: PageState, to: PageState, pages = 1): void {
    if (!mayMove(from, to)) throw new Error(`expected a move that a page may make, got ${from} to ${to}`);
    const entry = this.#entryOf(job);
    entry[from] -= pages;
    entry[to] += pages;
  }

  /** A page was released at this turn of its domain. */
  released(job: string, turn: number): void {
    this.moved(job, "pending", "released");
    this.#entryOf(job).turn = turn;
  }

  /** A visit was made for a job; counted for the estimate of its end. */
  visited(job: string): void {
    this.#entryOf(job).visits += 1;
  }

  /** Nothing of the job's counters changes, but it may be complete now. */
  touched(job: string): void {
    this.#entryOf(job);
  }

  /** A job was ended because it cannot be done. */
  failed(job: string): void {
    this.failedJobs.push(job);
  }

  ended(job: string, outcome: Outcome, cache: CacheResult, pages = 1): void {
    const key = `${job} ${outcome} ${cache}`;
    const tally = this.#tallies.get(key);
    if (tally === undefined) this.#tallies.set(key, { job, outcome, cache, pages });
    else tally.pages += pages;
  }

  /** Pages lose the outcome that they had. */
  reopened(job: string, outcome: Outcome, pages: number): void {
    this.moved(job, endStateOf(outcome), "pending", pages);
    this.ended(job, outcome, "none", -pages);
  }

  /** Writes the counters; a running job whose last page has ended is completed. @returns the jobs completed now, not before. */
  async save(tx: Tx): Promise<string[]> {
    if (this.#tallies.size > 0) await saveTallies(tx, [...this.#tallies.values()]);
    if (this.#entries.size === 0) return [];
    const rows = [...this.#entries].map(([id, entry]) => ({ id, ...entry }));
    const { rows: jobs } = await sql<{ id: string; completed: boolean }>`
      update jobs j set
        total = j.total + c.total, pending = j.pending + c.pending, released = j.released + c.released,
        succeeded = j.succeeded + c.succeeded, failed = j.failed + c.failed, skipped = j.skipped + c.skipped,
        cancelled = j.cancelled + c.cancelled, visits = j.visits + c.visits, turn = greatest(j.turn, c.turn),
        status = case when ${lastPageEnded} then 'completed' else j.status end,
        finished_at = case when ${lastPageEnded} then now() else j.finished_at end
      from json_to_recordset(${JSON.stringify(rows)}::json) as c(
        id uuid, total int, pending int, released int, succeeded int, failed int, skipped int,
        cancelled int, visits int, turn bigint)
      where j.id = c.id
      returning j.id, j.status = 'completed' and j.finished_at = now() as completed`.execute(tx);
    return jobs.filter((job) => job.completed).map((job) => job.id);
  }

  #entryOf(job: string): Entry {
    let entry = this.#entries.get(job);
    if (entry === undefined) {
      entry = {
        total: 0,
        pending: 0,
        released: 0,
        succeeded: 0,
        failed: 0,
        skipped: 0,
        cancelled: 0,
        visits: 0,
        turn: 0,
      };
      this.#entries.set(job, entry);
    }
    return entry;
  }
}

const lastPageEnded = sql`(j.status = 'running' and j.sweep is null
  and j.pending + c.pending = 0 and j.released + c.released = 0)`;

async function saveTallies(tx: Tx, tallies: readonly unknown[]): Promise<void> {
  await sql`
    insert into tallies (job_id, outcome, cache, pages)
    select job, outcome, cache, pages from json_to_recordset(${JSON.stringify(tallies)}::json)
      as t(job uuid, outcome outcome, cache cache_result, pages int)
    on conflict (job_id, outcome, cache) do update set pages = tallies.pages + excluded.pages`.execute(tx);
}
