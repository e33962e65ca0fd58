import type { Redis } from "ioredis";
import { epochKey } from "./keys.ts";

/** Clocks drift by some ms a minute; the offset is measured anew this often. */
const REFRESH_MS = 10_000;
/** An answer within this time tells the offset to half of it; a busy event loop needs a few more tries. */
const QUICK_MS = 2;
const MOST_TRIES = 10;
/** By how much a clock may drift from another in a millisecond. */
const DRIFT = 1e-4;

/** KEYS[1] any of the fleet's: in a Redis Cluster all processes ask the one node that holds it, whose clock then counts. */
const TIME = "return redis.call('time')";

/**
 * The time by Redis's clock, which all workers share: a worker whose own clock is a minute off must not open a gate a
 * minute early. Between measurements it runs on the monotonic clock, which no clock change moves.
 */
export class RedisClock {
  readonly #redis: Redis;
  #offset = 0;
  /** Milliseconds by which the offset may have been wrong when it was measured, and when that was. */
  #error = Number.POSITIVE_INFINITY;
  #measuredAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Microseconds since the epoch, by Redis. */
  nowMicros(): number {
    return Math.floor(performance.now() * 1_000 + this.#offset);
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => {
      // The last offset stays good while Redis is away.
      this.#measure().catch(() => {});
    }, REFRESH_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Of a few measurements the quickest is the truest: a busy event loop shifts a slow one by half its delay. */
  async #measure(): Promise<void> {
    let best = await this.#measureOnce();
    for (let i = 1; i < MOST_TRIES && best.roundTrip > QUICK_MS; i++) {
      const next = await this.#measureOnce();
      if (next.roundTrip < best.roundTrip) best = next;
    }
    const error = best.roundTrip / 2;
    const known = this.#error + (performance.now() - this.#measuredAt) * DRIFT;
    // A worse measurement tells only whether a clock was set: when it cannot be reconciled with what is known.
    const wasSet = Math.abs(best.offset - this.#offset) / 1_000 > error + known;
    if (error > known && !wasSet) return;
    this.#offset = best.offset;
    this.#error = error;
    this.#measuredAt = performance.now();
  }

  async #measureOnce(): Promise<{ roundTrip: number; offset: number }> {
    const sent = performance.now();
    const [seconds, micros] = (await this.#redis.eval(TIME, 1, epochKey())) as [string, string];
    const received = performance.now();
    const offset = Number(seconds) * 1_000_000 + Number(micros) - ((sent + received) / 2) * 1_000;
    return { roundTrip: received - sent, offset };
  }
}
