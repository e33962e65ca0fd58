import { EventEmitter } from "node:events";
import { RecentMap } from "@bee/core";
import CircuitBreaker from "opossum";

export interface CountSettings {
  /** Failures without an answer between them that are enough; and the fewest requests to judge a percentage by. */
  readonly failures: number;
  /** Percent of failed requests above which it is enough too. */
  readonly failurePercent: number;
  /** Counted over this time: at least four times the deadline, or slow failures are never counted together. */
  readonly windowMs: number;
}

interface Run {
  readonly failures: number;
  readonly at: number;
}

const BUCKETS = 10;
const FAILED = new Error("failed");

/**
 * How often each domain fails. Of its own requests each process keeps a percentage, in a circuit breaker of opossum's.
 * With many workers each would have to see its five failures before it speaks, so they tell each other of every
 * failure, and of the answer that ends a run of them: a run counts wherever it was met.
 *
 * Only ended requests are counted. Breakers count a call when it starts, so those that wait would hide those that
 * failed; and a call that says nothing of the domain would count as a success. They share one timer and keep no
 * percentiles (`npm run bench -- breakers`).
 */
export class FailureCounts {
  readonly #settings: CountSettings;
  readonly #circuits: RecentMap<string, CircuitBreaker<[boolean], void>>;
  readonly #runs: RecentMap<string, Run>;
  readonly #rotation = new EventEmitter().setMaxListeners(0);
  readonly #timer: NodeJS.Timeout;

  /** @param capacity domains that are counted; the one that was counted longest ago is forgotten. */
  constructor(settings: CountSettings, capacity: number) {
    this.#settings = settings;
    this.#circuits = new RecentMap(capacity, (circuit) => circuit.shutdown());
    this.#runs = new RecentMap(capacity);
    this.#timer = setInterval(() => this.#rotation.emit("rotate"), settings.windowMs / BUCKETS);
    this.#timer.unref();
  }

  /** A request of this process failed. @returns whether it is enough. */
  async failed(domain: string): Promise<boolean> {
    const enough = this.heardFailure(domain);
    return (await this.#count(domain, true)) || enough;
  }

  /** A request of this process was answered. @returns whether that ended a run of failures. */
  async answered(domain: string): Promise<boolean> {
    await this.#count(domain, false);
    return this.#runs.delete(domain);
  }

  /** A request of another process failed. @returns whether it is enough. */
  heardFailure(domain: string): boolean {
    const run = this.#runs.get(domain);
    const now = performance.now();
    const before = run !== undefined && now - run.at < this.#settings.windowMs ? run.failures : 0;
    this.#runs.set(domain, { failures: before + 1, at: now });
    return before + 1 >= this.#settings.failures;
  }

  /** A request of another process was answered. */
  heardAnswer(domain: string): void {
    this.#runs.delete(domain);
  }

  /** What comes next is counted anew. */
  forget(domain: string): void {
    this.#runs.delete(domain);
    this.#circuits.get(domain)?.shutdown();
    this.#circuits.delete(domain);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const circuit of this.#circuits.values()) circuit.shutdown();
    this.#circuits.clear();
  }

  async #count(domain: string, failed: boolean): Promise<boolean> {
    const circuit = this.#circuitOf(domain);
    await circuit.fire(failed).catch(() => {}); // what it is told to throw
    return circuit.opened;
  }

  #circuitOf(domain: string): CircuitBreaker<[boolean], void> {
    const circuit = this.#circuits.get(domain) ?? this.#create(domain);
    this.#circuits.set(domain, circuit);
    return circuit;
  }

  #create(domain: string): CircuitBreaker<[boolean], void> {
    const { failures, failurePercent, windowMs } = this.#settings;
    return new CircuitBreaker(
      async (failed: boolean) => {
        if (failed) throw FAILED;
      },
      {
        name: domain,
        timeout: false,
        volumeThreshold: failures,
        errorThresholdPercentage: failurePercent,
        rollingCountTimeout: windowMs,
        rollingCountBuckets: BUCKETS,
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
        rotateBucketController: this.#rotation,
      },
    );
  }
}
