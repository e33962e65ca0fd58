import type { Log } from "@bee/core";
import { type AllQueues, expandId, type LossMark, visitId } from "@bee/queue";
import {
  type Database,
  dueExpansions,
  expireLeases,
  extendLeases,
  LEASE_SECONDS,
  listAsleep,
  listOverdue,
  listSwept,
  type OverduePage,
  reclaimPages,
  sweepJob,
} from "@bee/store";

export interface Reconciled {
  /** Pages whose task was gone. */
  readonly reclaimed: number;
  /** Jobs whose expansion was gone. */
  readonly expansions: number;
  /** Domains that nobody would have woken. */
  readonly woken: number;
  /** Chunks of pages of jobs whose order nobody had carried to its end. */
  readonly swept: number;
}

/** Pages looked at in one go. */
const BATCH = 1_000;
const ROUNDS = 20;
/** Chunks swept in one run, so that a large job does not keep the other duties waiting. */
const SWEEPS = 20;

/**
 * Postgres is the truth and Redis may lose anything: what Postgres says should be on its way and Redis does not have
 * is put on its way again. Nothing here is needed while nothing is lost.
 */
export class Reconciler {
  readonly #db: Database;
  readonly #queues: AllQueues;
  readonly #lossMark: LossMark;
  readonly #log: Log;

  constructor(db: Database, queues: AllQueues, lossMark: LossMark, log: Log) {
    this.#db = db;
    this.#queues = queues;
    this.#lossMark = lossMark;
    this.#log = log;
  }

  async runOnce(): Promise<Reconciled> {
    const server = await this.#lossMark.find();
    if (server !== null) {
      const pages = await expireLeases(this.#db);
      // A fresh fleet has a new Redis and nothing to lose.
      this.#log[pages > 0 ? "info" : "debug"]("Redis may have lost tasks: looking for each", { pages });
    }
    const reconciled = await this.#reconcile();
    if (server !== null) await this.#lossMark.mark(server);
    return reconciled;
  }

  async #reconcile(): Promise<Reconciled> {
    const reconciled = {
      reclaimed: await this.#reclaimPages(),
      expansions: await this.#restoreExpansions(),
      woken: await this.#wakeDomains(),
      swept: await this.#sweepJobs(),
    };
    const { swept, ...lost } = reconciled;
    if (Object.values(lost).some((count) => count > 0)) this.#log.info("put lost work back", lost);
    if (swept > 0) this.#log.debug("carried sweeps on", { chunks: swept });
    return reconciled;
  }

  async #reclaimPages(): Promise<number> {
    let reclaimed = 0;
    // Pages that somebody holds stay overdue, so the rounds are counted; what is left is found at the next run.
    for (let round = 0; round < ROUNDS; round++) {
      const overdue = await listOverdue(this.#db, BATCH);
      if (overdue.length > 0) reclaimed += await this.#reclaim(overdue);
      if (overdue.length < BATCH) break;
    }
    return reclaimed;
  }

  async #reclaim(overdue: readonly OverduePage[]): Promise<number> {
    const idOf = ({ page, lease }: OverduePage) => visitId(page, lease);
    const missing = await this.#queues.missing(overdue.map((page) => ({ ...page, id: idOf(page) })));
    await extendLeases(
      this.#db,
      overdue.filter((page) => !missing.has(idOf(page))),
      LEASE_SECONDS,
    );
    const lost = overdue.filter((page) => missing.has(idOf(page)));
    if (lost.length > 0) await this.#queues.dispatch(await reclaimPages(this.#db, lost));
    return lost.length;
  }

  async #restoreExpansions(): Promise<number> {
    const due = await dueExpansions(this.#db);
    const missing = await this.#queues.missing(
      due.map((expansion) => ({ ...expansion, id: expandId(expansion.job) })),
    );
    const lost = due.filter(({ job }) => missing.has(expandId(job)));
    await this.#queues.addExpansions(lost);
    return lost.length;
  }

  async #wakeDomains(): Promise<number> {
    const asleep = await listAsleep(this.#db, BATCH);
    await this.#queues.addWakes(asleep);
    return asleep.length;
  }

  /** Whoever was ordered to do it is mostly doing it; a chunk that both do is done once. */
  async #sweepJobs(): Promise<number> {
    let swept = 0;
    for (const job of await listSwept(this.#db, SWEEPS)) {
      for (let done = false; !done && swept < SWEEPS; swept++) {
        const chunk = await sweepJob(this.#db, job);
        done = chunk.done;
        await this.#queues.dispatch(chunk.release);
      }
    }
    return swept;
  }
}
