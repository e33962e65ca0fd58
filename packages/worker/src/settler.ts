import { once } from "node:events";
import { type Log, messageOf } from "@bee/core";
import type { Plea, Release, SettleItem, SettleResult } from "@bee/store";

export interface SettlerOptions {
  /** Records a batch in one transaction. */
  readonly settle: (batch: readonly SettleItem[]) => Promise<SettleResult>;
  /** Told of what asked for quiet: pages of the domain may be on their way. */
  readonly onPlea: (plea: Plea) => void;
  /** Puts the released pages into the queues. */
  readonly dispatch: (release: Release) => Promise<void>;
  /** Told of each error for which a batch is tried again. */
  readonly onRetry: (error: unknown) => void;
  readonly log: Log;
}

const MAX_BATCH = 100;
const MAX_AGE_MS = 250;
const MIN_RETRY_MS = 250;
/** Short: whoever wants to stop waits for the end of this pause. */
const MAX_RETRY_MS = 1_000;

interface Submission {
  readonly item: SettleItem;
  /** Aborted when the visit's task is to go back to its queue, with or without its result. */
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the results of a worker's visits and settles them in batches: at most 100 in one transaction, and no
 * result waits longer than 250 ms for its batch to begin.
 *
 * A visit's task ends only when its batch is committed, so a result is never acknowledged without its row. While
 * Postgres is away the batch is kept and tried again; the tasks keep their locks meanwhile.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #waiting: Submission[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #lastBatchAt = Number.NEGATIVE_INFINITY;
  #stopping = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the result is committed. Rejects when Postgres refuses it, and when the signal is aborted while
   * Postgres is away: a task that goes back to its queue must not wait for a database that may stay away.
   */
  submit(item: SettleItem, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ item, signal, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Settles what is still there; one more try each, for there is no time to wait for Postgres. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#running;
    while (this.#waiting.length > 0) await this.#runBatch();
  }

  #schedule(): void {
    if (this.#running !== undefined || this.#stopping) return;
    if (this.#waiting.length >= MAX_BATCH) {
      this.#begin();
      return;
    }
    // The first result after a pause goes at once; those that follow it share the next batch.
    const waitMs = Math.max(0, this.#lastBatchAt + MAX_AGE_MS - performance.now());
    this.#timer ??= setTimeout(() => this.#begin(), waitMs);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#runBatch().finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  async #runBatch(): Promise<void> {
    const batch = this.#waiting.slice(0, MAX_BATCH);
    this.#waiting = this.#waiting.slice(MAX_BATCH);
    this.#lastBatchAt = performance.now();
    await this.#settleAll(batch);
  }

  async #settleAll(batch: readonly Submission[]): Promise<void> {
    try {
      const result = await this.#settleUntilDone(batch);
      for (const { resolve } of batch) resolve();
      for (const plea of result.pleas) this.#options.onPlea(plea);
      // After a cancel or a worker that stood still, as it should be.
      if (result.stale > 0) this.#options.log.debug("late results were refused", { results: result.stale });
      await this.#dispatch(result.release);
    } catch (error) {
      await this.#settleEach(batch, error);
    }
  }

  /** A batch that Postgres cannot take is settled result by result: one bad result must not hold up the others. */
  async #settleEach(batch: readonly Submission[], error: unknown): Promise<void> {
    if (batch.length > 1 && isOurFault(error)) {
      for (const waiting of batch) await this.#settleAll([waiting]);
      return;
    }
    this.#options.log.error("a result was not settled", { results: batch.length, error: messageOf(error) });
    for (const { reject } of batch) reject(error);
  }

  async #dispatch(release: Release): Promise<void> {
    try {
      await this.#options.dispatch(release);
    } catch (error) {
      // Committed, so no result is in doubt: the leader finds the pages when their leases run out.
      this.#options.log.warn("released pages were not queued", { error: messageOf(error) });
    }
  }

  async #settleUntilDone(batch: readonly Submission[]): Promise<SettleResult> {
    const items = batch.map(({ item }) => item);
    // A Postgres that is frozen neither takes a batch nor refuses it. Where it takes it later the result stands, and the
    // page's next visit is refused.
    const givenBack = allGivenBack(batch);
    for (let retryMs = MIN_RETRY_MS; ; retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)) {
      try {
        return await Promise.race([this.#options.settle(items), givenBack]);
      } catch (error) {
        const isWanted = !this.#stopping && batch.some(({ signal }) => !signal.aborted);
        if (!isWanted || isOurFault(error)) throw error;
        this.#options.onRetry(error);
        this.#options.log.warn("Postgres did not take a batch; trying again", {
          error: messageOf(error),
          retryMs,
        });
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}

/** Rejects when nobody waits for a batch any more. */
async function allGivenBack(batch: readonly Submission[]): Promise<never> {
  await Promise.all(batch.map(async ({ signal }) => signal.aborted || once(signal, "abort")));
  throw new Error("the visits were given back before Postgres had taken their results");
}

/** SQLSTATE classes 22, 23 and 42: bad data, a broken constraint, a bad statement. The same batch fails again. */
function isOurFault(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^(?:22|23|42)/.test(code);
}
