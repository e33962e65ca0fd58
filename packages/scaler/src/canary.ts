import { type Fleet, HEALTH_DOMAIN, type RuleBook, ruleFor } from "@bee/core";
import {
  type AllQueues,
  type ApiAddress,
  type FleetRegistry,
  publishCanary,
  type Redis,
  readApiAddress,
  readCanaryVerdict,
  withdrawCanary,
} from "@bee/queue";
import { abandonCanary, type Database, pruneCanaries, readCanary, submitCanary } from "@bee/store";
import { nextCanary } from "./canary-step.ts";

export interface CanaryOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly registry: FleetRegistry;
  readonly queues: AllQueues;
  /** Whose workers carry it out. */
  readonly home: Fleet;
  readonly rules: RuleBook;
}

const INTERVAL_MS = 30_000;
const KEPT_MS = 3_600_000;

/**
 * The fleet's check of itself: a job of one page, the API's own `/livez`, that goes the way of every page. What is
 * checked is what users wait for: queue, lane, gate, fetch and settling, and both stores.
 */
export class Canary {
  readonly #options: CanaryOptions;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<void> {
    const { db, redis, registry, queues, home } = this.#options;
    const [scaling, api] = await Promise.all([registry.readScaling(home), readApiAddress(redis)]);
    // Where no worker is wanted none can pass it, and without an API nobody asks.
    if (!scaling?.desired || api === null) return withdrawCanary(redis);
    const [record, before] = await Promise.all([readCanary(db), readCanaryVerdict(redis)]);
    const { submit, abandon, verdict } = nextCanary({
      record,
      since: before?.since ?? null,
      intervalMs: INTERVAL_MS,
    });
    if (abandon) for (const release of await abandonCanary(db)) await queues.dispatch(release);
    if (submit) await this.#submit(api);
    await publishCanary(redis, verdict);
  }

  async #submit({ port }: ApiAddress): Promise<void> {
    const { db, queues, home, rules } = this.#options;
    const url = `http://${HEALTH_DOMAIN}:${port}/livez`;
    await queues.addExpansions(await submitCanary(db, { url, home, rule: ruleFor(HEALTH_DOMAIN, rules) }));
    await pruneCanaries(db, KEPT_MS);
  }
}
