import type { Log } from "@bee/core";
import { expandId, type Queues, visitId } from "@bee/queue";
import {
  type Database,
  extendLeases,
  LEASE_SECONDS,
  listAsleep,
  listOverdue,
  listUnexpanded,
  type OverduePage,
  reclaimPages,
} from "@bee/store";

export interface Reconciled {
  /** Pages whose task was gone. */
  readonly reclaimed: number;
  /** Jobs whose expansion was gone. */
  readonly expansions: number;
  /** Domains that nobody would have woken. */
  readonly woken: number;
}

/** Pages looked at in one run. */
const BATCH = 1_000;

/**
 * Postgres is the truth and Redis may lose anything: what Postgres says should be on its way and Redis does not have
 * is put on its way again. Nothing here is needed while nothing is lost.
 */
export class Reconciler {
  readonly #db: Database;
  readonly #queues: Queues;
  readonly #log: Log;

  constructor(db: Database, queues: Queues, log: Log) {
    this.#db = db;
    this.#queues = queues;
    this.#log = log;
  }

  async runOnce(): Promise<Reconciled> {
    const reconciled = {
      reclaimed: await this.#reclaimPages(),
      expansions: await this.#restoreExpansions(),
      woken: await this.#wakeDomains(),
    };
    if (Object.values(reconciled).some((count) => count > 0))
      this.#log.info("put lost work back", reconciled);
    return reconciled;
  }

  async #reclaimPages(): Promise<number> {
    const overdue = await listOverdue(this.#db, BATCH);
    if (overdue.length === 0) return 0;
    const idOf = ({ page, lease }: OverduePage) => visitId(page, lease);
    const missing = await this.#queues.missing(overdue.map((page) => ({ id: idOf(page), tier: page.tier })));
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
    const jobs = await listUnexpanded(this.#db);
    const missing = await this.#queues.missing(jobs.map(({ id, tier }) => ({ id: expandId(id), tier })));
    const lost = jobs.filter(({ id }) => missing.has(expandId(id)));
    for (const { id, tier } of lost) await this.#queues.addExpansion(id, tier);
    return lost.length;
  }

  async #wakeDomains(): Promise<number> {
    const asleep = await listAsleep(this.#db, BATCH);
    await this.#queues.addWakes(asleep);
    return asleep.length;
  }
}
