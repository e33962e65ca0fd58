import { type ExpandTask, isStoreAway, messageOf } from "@bee/core";
import { DomainClosedError } from "@bee/queue";
import { beginExpansion, closeDomain, countFailedExpansion, type Plea, quietDomain } from "@bee/store";
import { Expansion, type ExpansionOptions } from "./expansion.ts";
import { HeldBackError } from "./held-back-error.ts";
import { DomainPausedError } from "./paused-domains.ts";
import type { StoppedJobs } from "./stopped-jobs.ts";

export interface ExpanderOptions extends ExpansionOptions {
  readonly stoppedJobs: StoppedJobs;
  /** Told of what asked for quiet, and how long it gets it. */
  readonly onPlea: (plea: Plea) => void;
}

/** An expansion that failed, or died with its worker, is begun again; what fails this often would fail for ever. */
const MOST_FAILURES = 5;

/** Has the frontiers of jobs filled, and decides what becomes of a job whose expansion did not get to its end. */
export class Expander {
  readonly #options: ExpanderOptions;

  constructor(options: ExpanderOptions) {
    this.#options = options;
  }

  /**
   * Doing it twice is doing it once: each URL of a job has one row, so a task that is run again, after the death of
   * its worker, adds what was missing.
   */
  async expand(task: ExpandTask, signal: AbortSignal, deaths: number): Promise<"done" | "put-back"> {
    // A paused job is expanded when it is resumed, an ended one no more.
    await this.#options.stoppedJobs.unlessStopped(task.job, (stopped) =>
      this.#expand(task, AbortSignal.any([signal, stopped]), deaths),
    );
    return signal.aborted ? "put-back" : "done";
  }

  async #expand(task: ExpandTask, signal: AbortSignal, deaths: number): Promise<void> {
    const { db } = this.#options;
    const job = await beginExpansion(db, task.job);
    if (job === undefined) return;
    const expansion = new Expansion(this.#options, job, signal);
    if (deaths >= MOST_FAILURES)
      return expansion.fail(`reading its sitemaps ended its worker ${deaths} times`);
    try {
      await expansion.run();
    } catch (error) {
      // What broke off because the worker stops, the job was stopped or a store is away is no failure of the job's. A
      // paused domain's jobs are expanded when it is resumed.
      if (signal.aborted || error instanceof DomainPausedError) return;
      if (isStoreAway(error)) throw error;
      if (error instanceof DomainClosedError) return this.#waitFor(expansion, task.job, error);
      const failures = await countFailedExpansion(db, task.job);
      if (failures < MOST_FAILURES) throw error;
      await expansion.fail(`its pages could not be found out, ${failures} times: ${messageOf(error)}`);
    }
  }

  /**
   * The job goes on when its domain may be asked again, from the beginning, and keeps the pages that it has. One that
   * gets no further is broken off.
   */
  async #waitFor(expansion: Expansion, job: string, closing: DomainClosedError): Promise<void> {
    const { db, dispatch, onPlea } = this.#options;
    if (closing.hopeless && expansion.hasAsked) return expansion.breakOff(closing.because);
    if (expansion.isStuck && (await countFailedExpansion(db, job)) >= MOST_FAILURES) {
      return expansion.breakOff(closing.because);
    }
    const { domain, forMs, reason } = closing;
    if (!(closing instanceof HeldBackError)) return dispatch(await closeDomain(db, domain, forMs, reason));
    const { plea, release } = await quietDomain(db, domain, {
      refused: closing.refused,
      reason: closing.because,
      revision: expansion.revision,
    });
    onPlea(plea);
    await dispatch(release);
  }
}
