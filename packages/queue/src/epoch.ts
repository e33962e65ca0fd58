import type { Redis } from "ioredis";
import { epochKey } from "./keys.ts";
import type { RedisClock } from "./redis-clock.ts";

/** KEYS[1] the epoch; ARGV[1] what to write where there is none. Returns what holds then. */
const READ_OR_WRITE = `
local known = redis.call('get', KEYS[1])
if known then return known end
redis.call('set', KEYS[1], ARGV[1])
return ARGV[1]`;

/** The epoch of a Redis that has lost nothing since the fleet began. */
const UNBROKEN = "0";

/**
 * Whether Redis has lost its data, and when: a key that says so is missing exactly then. Gates that begin anew would
 * grant a full burst, and know nothing of requests under way; so they are held for a while after the loss.
 */
export class Epoch {
  readonly #redis: Redis;
  readonly #clock: RedisClock;
  /** Microseconds by Redis's clock; null while nothing was lost. */
  #lostAt: number | null = null;

  constructor(redis: Redis, clock: RedisClock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  /** @param begun whether the fleet has worked before, so that a missing epoch is a lost one. */
  async start(begun: boolean): Promise<void> {
    await this.#agree(begun ? String(this.#clock.nowMicros()) : UNBROKEN);
  }

  /** Looks before a gate is opened whether Redis has lost its data meanwhile. */
  async check(): Promise<void> {
    await this.#agree(String(this.#clock.nowMicros()));
  }

  /** A gate of ours was gone: whatever the epoch says, its data was lost. The caller cannot wait for Redis. */
  lost(): void {
    this.#lostAt = this.#clock.nowMicros();
    // The next gate to be opened tries again.
    this.check().catch(() => {});
  }

  /** Microseconds for which a gate that begins now is to be held. */
  holdFor(quietMicros: number): number {
    if (this.#lostAt === null) return 0;
    return Math.max(0, this.#lostAt + quietMicros - this.#clock.nowMicros());
  }

  async #agree(otherwise: string): Promise<void> {
    const lostAt = Number(await this.#redis.eval(READ_OR_WRITE, 1, epochKey(), otherwise));
    if (lostAt > 0) this.#lostAt = Math.max(this.#lostAt ?? 0, lostAt);
  }
}
