import type { Redis } from "ioredis";
import { leaderKey } from "./keys.ts";

/** A leader that died is succeeded after this long. */
const LEASE_MS = 10_000;

/** KEYS[1] the lease; ARGV[1] who asks; ARGV[2] ms. Returns 1 when the lease is ours now, 0 when another holds it. */
const HOLD = `
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** KEYS[1] the lease; ARGV[1] who leaves. Gives the lease up if it is ours. */
const LEAVE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/** The right of one process of the fleet to carry out a once-only duty. */
export class LeaderLease {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #holder: string;

  constructor(redis: Redis, duty: string, holder: string) {
    this.#redis = redis;
    this.#key = leaderKey(duty);
    this.#holder = holder;
  }

  /** Takes the lease or renews it. @returns whether this process leads now. */
  async hold(): Promise<boolean> {
    return (await this.#redis.eval(HOLD, 1, this.#key, this.#holder, LEASE_MS)) === 1;
  }

  /** Lets another process lead at once. */
  async leave(): Promise<void> {
    await this.#redis.eval(LEAVE, 1, this.#key, this.#holder);
  }
}
