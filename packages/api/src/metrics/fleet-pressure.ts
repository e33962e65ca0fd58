import { fleetLoad, isRedisFull, type Log, messageOf, NO_PRESSURE, type Pressure, within } from "@bee/core";
import { type FleetRegistry, type Redis, readRedisMemory } from "@bee/queue";
import { KeptBriefly } from "./kept-briefly.ts";

/** As often as workers say how they are. */
const KEPT_MS = 2_000;
const REDIS_MS = 1_000;

/** Whether the fleet can take more work; two round trips to Redis every two seconds, however many jobs are submitted. */
export class FleetPressure {
  readonly #redis: Redis;
  readonly #registry: FleetRegistry;
  readonly #log: Log;
  readonly #kept = new KeptBriefly(KEPT_MS, () => this.#look());

  constructor(redis: Redis, registry: FleetRegistry, log: Log) {
    this.#redis = redis;
    this.#registry = registry;
    this.#log = log;
  }

  read(): Promise<Pressure> {
    return this.#kept.read();
  }

  /** A job is accepted without Redis, so without it nothing speaks against one. */
  async #look(): Promise<Pressure> {
    try {
      const read = Promise.all([this.#registry.list(), readRedisMemory(this.#redis)]);
      const [workers, memory] = await within(REDIS_MS, "Redis", read);
      return { overloaded: fleetLoad(workers).overloaded, redisFull: isRedisFull(memory) };
    } catch (error) {
      this.#log.debug("the fleet's load is not known", { error: messageOf(error) });
      return NO_PRESSURE;
    }
  }
}
