import {
  chooseFleet,
  estimatePages,
  type Fleet,
  fleetName,
  type LiveFleet,
  type Log,
  type RegionBook,
} from "@bee/core";
import { type AllQueues, type FleetRegistry, liveFleets, workersOf } from "@bee/queue";
import {
  type Database,
  expireLeases,
  listFleetsWithJobs,
  listOpenJobs,
  type Move,
  moveJobs,
  NO_PAST,
  type OpenJob,
  readPasts,
} from "@bee/store";

export interface HandOverOptions {
  readonly db: Database;
  readonly registry: FleetRegistry;
  readonly queues: AllQueues;
  readonly home: Fleet;
  readonly book: RegionBook;
  readonly log: Log;
}

/** Jobs moved in one transaction, which holds their domains. */
const BATCH = 100;

/**
 * Gives the jobs of a fleet that nobody works for any more to others. Their tasks are taken out of its queues and their
 * leases are expired, so the reconciler, which looks for tasks in the queues of a job's fleet, releases the pages anew:
 * there. Without another fleet that lives they stay.
 */
export class HandOver {
  readonly #options: HandOverOptions;
  /** Fleets without a worker when last looked: one look may fall between the end of a worker and its successor. */
  #missed = new Set<string>();
  /** Fleets that were left: what a transaction that was under way then releases arrives there a moment later. */
  readonly #left = new Map<string, Fleet>();

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#missed = new Set();
    this.#left.clear();
  }

  /** @returns how many jobs were handed over. */
  async runOnce(): Promise<number> {
    const { db, registry } = this.#options;
    const [workers, withJobs] = await Promise.all([registry.list(), listFleetsWithJobs(db)]);
    const live = liveFleets(workers);
    // A worker that stops is not dead yet: it may put tasks back.
    const missing = withJobs.filter((fleet) => workersOf(fleet, workers).length === 0);
    const gone = missing.filter((fleet) => this.#missed.has(fleetName(fleet)));
    this.#missed = new Set(missing.map(fleetName));
    for (const fleet of live) this.#left.delete(fleetName(fleet));
    if (live.length === 0) return 0;
    for (const fleet of this.#left.values()) await this.#options.queues.of(fleet).clear();
    let moved = 0;
    for (const fleet of gone) moved += await this.#handOver(fleet, live);
    return moved;
  }

  async #handOver(fleet: Fleet, live: readonly LiveFleet[]): Promise<number> {
    const { db, queues, log } = this.#options;
    const ids: string[] = [];
    for (;;) {
      const jobs = await listOpenJobs(db, fleet, BATCH);
      if (jobs.length === 0) break;
      await queues.dispatch(await moveJobs(db, await this.#movesOf(jobs, fleet, live)));
      ids.push(...jobs.map(({ id }) => id));
    }
    // Emptied only when nothing is released into it any more, and before its leases are expired: should its workers
    // come back, they must not find tasks that others have been given.
    await queues.of(fleet).clear();
    const pages = await expireLeases(db, ids);
    this.#left.set(fleetName(fleet), fleet);
    log.warn("a fleet has no worker left; others get its jobs", {
      fleet: fleetName(fleet),
      jobs: ids.length,
      released: pages,
    });
    return ids.length;
  }

  async #movesOf(jobs: readonly OpenJob[], from: Fleet, live: readonly LiveFleet[]): Promise<Move[]> {
    const { db, home, book } = this.#options;
    const pasts = await readPasts(db, [...new Set(jobs.map(({ domain }) => domain))]);
    return jobs.map((job) => {
      const { domain, tier, maxPages } = job;
      const { firstBytes, largest } = pasts.get(domain) ?? NO_PAST;
      const estimatedPages = estimatePages(maxPages, largest);
      const to = chooseFleet({
        asked: from.region,
        domain,
        tier,
        estimatedPages,
        live,
        firstBytes,
        book,
        home,
      });
      const because = to.region === from.region ? "others of its region have" : to.reason;
      return { job, to: { ...to, reason: `${fleetName(from)} has no worker left; ${because}` } };
    });
  }
}
