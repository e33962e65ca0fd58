import type { Redis } from "ioredis";

/** Clocks drift by some ms a minute; the offset is measured anew this often. */
const REFRESH_MS = 10_000;
const MEASUREMENTS = 3;

/**
 * The time by Redis's clock, which all workers share: a worker whose own clock is a minute off must not open a gate a
 * minute early. Between measurements it runs on the monotonic clock, which no clock change moves.
 */
export class RedisClock {
  readonly #redis: Redis;
  #offset = 0;
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
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < MEASUREMENTS; i++) {
      const { roundTrip, offset } = await this.#measureOnce();
      if (roundTrip >= best) continue;
      best = roundTrip;
      this.#offset = offset;
    }
  }

  async #measureOnce(): Promise<{ roundTrip: number; offset: number }> {
    const sent = performance.now();
    const [seconds, micros] = await this.#redis.time();
    const received = performance.now();
    const offset = Number(seconds) * 1_000_000 + Number(micros) - ((sent + received) / 2) * 1_000;
    return { roundTrip: received - sent, offset };
  }
}
