import type { Redis } from "ioredis";
import { leaderKey } from "./keys.ts";

/** A leader that died is succeeded after this long. */
const LEASE_MS = 10_000;

/** KEYS[1] the lease; ARGV[1] who asks; ARGV[2] ms. Returns 0 when another holds the lease, 1 when it was ours and is, 2 when it is ours anew. */
const HOLD = `
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 1 or 2`;

/** KEYS[1] the lease; ARGV[1] who leaves. Gives the lease up if it is ours. */
const LEAVE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/** The right of one process of the fleet to carry out a once-only duty. */
export class LeaderLease {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #holder: string;
  #term = 0;

  constructor(redis: Redis, duty: string, holder: string) {
    this.#redis = redis;
    this.#key = leaderKey(duty);
    this.#holder = holder;
  }

  /** Takes the lease or renews it. @returns whether this process leads now. */
  async hold(): Promise<boolean> {
    const held = await this.#redis.eval(HOLD, 1, this.#key, this.#holder, LEASE_MS);
    if (held === 2) this.#term += 1;
    return held !== 0;
  }

  /** How often this process has begun to lead: between two terms another may have led. */
  get term(): number {
    return this.#term;
  }

  /** Lets another process lead at once. */
  async leave(): Promise<void> {
    await this.#redis.eval(LEAVE, 1, this.#key, this.#holder);
  }
}
