import { type Log, messageOf, RecentMap, within } from "@bee/core";

export interface StoppedJobsOptions {
  /** Of these jobs, those that are paused or have ended. */
  readonly readStopped: (jobs: readonly string[]) => Promise<readonly string[]>;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Half of the second within which a stop is kept everywhere, whatever was heard. */
const READ_EVERY_MS = 500;
/** Work waits no longer for Postgres; a worker that stops must not wait for one that is away. */
const PATIENCE_MS = 2_000;
/** A worker remembers this many jobs; of an older one it asks again. */
const CAPACITY = 10_000;

interface Known {
  stopped: boolean;
  /** The moment for which it is known. */
  at: number;
}

/** The job was paused or has ended while something was done for it. */
export class JobStoppedError extends Error {
  override readonly name = "JobStoppedError";
  override readonly message: string = "the job was paused or has ended";
}

interface AtWork {
  /** How many visits and expansions of the job are under way here. */
  count: number;
  /** Aborted when the job is stopped, and then renewed for what comes after it is resumed. */
  stop: AbortController;
}

/**
 * Which jobs were told to stop: no request of theirs starts any more. Control messages bring that at once. A message
 * may be missed and a task may be older than its job's end, so nothing rests on them: before work on a job begins, and
 * twice a second while it lasts, Postgres is asked. That is one look at a few keys for all that a worker has under way,
 * not one for each visit.
 */
export class StoppedJobs {
  readonly #options: StoppedJobsOptions;
  readonly #now: () => number;
  readonly #known = new RecentMap<string, Known>(CAPACITY);
  readonly #atWork = new Map<string, AtWork>();
  readonly #wanted = new Set<string>();
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StoppedJobsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  start(): void {
    this.#timer = setInterval(() => this.#readAll(), READ_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What a control message says. */
  hear(job: string, stopped: boolean): void {
    this.#note(job, { stopped, at: this.#now() });
  }

  /** Whether the job is stopped, as far as is known; current to half a second while work on it is under way. */
  has(job: string): boolean {
    return this.#known.get(job)?.stopped ?? false;
  }

  /**
   * Does work for a job, unless that is stopped. The signal is aborted, with JobStoppedError, when it is stopped meanwhile.
   * @returns what the work gives, or `stopped`.
   */
  async unlessStopped<T>(job: string, work: (stopped: AbortSignal) => Promise<T>): Promise<T | "stopped"> {
    const atWork = this.#atWork.get(job) ?? { count: 0, stop: new AbortController() };
    this.#atWork.set(job, atWork);
    atWork.count += 1;
    try {
      if (!this.#isCurrent(job)) await this.#read([job]);
      return this.has(job) ? "stopped" : await work(atWork.stop.signal);
    } finally {
      atWork.count -= 1;
      if (atWork.count === 0) this.#atWork.delete(job);
    }
  }

  #isCurrent(job: string): boolean {
    const known = this.#known.get(job);
    return known !== undefined && this.#now() - known.at < READ_EVERY_MS;
  }

  #readAll(): void {
    if (this.#atWork.size > 0) void this.#read([...this.#atWork.keys()]);
  }

  /** Those who ask in the same moment share a read; those who ask while it is under way share the next one. */
  #read(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) this.#wanted.add(job);
    this.#reading ??= this.#readWanted().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading.then(() => {
      const left = jobs.filter((job) => this.#wanted.has(job));
      return left.length > 0 ? this.#read(left) : undefined;
    });
  }

  async #readWanted(): Promise<void> {
    await Promise.resolve();
    const jobs = [...this.#wanted];
    this.#wanted.clear();
    const at = this.#now();
    try {
      const stopped = new Set(await within(PATIENCE_MS, "Postgres", this.#options.readStopped(jobs)));
      for (const job of jobs) this.#note(job, { stopped: stopped.has(job), at });
    } catch (error) {
      // What was heard holds. While Postgres is away no result can be settled either, so little is begun.
      this.#options.log.debug("the jobs' states cannot be read", { error: messageOf(error) });
    }
  }

  /** A read that began before something newer was heard does not undo that. */
  #note(job: string, news: Known): void {
    if ((this.#known.get(job)?.at ?? Number.NEGATIVE_INFINITY) > news.at) return;
    this.#known.set(job, news);
    if (news.stopped) this.#stopWork(job);
  }

  #stopWork(job: string): void {
    const atWork = this.#atWork.get(job);
    if (atWork === undefined) return;
    atWork.stop.abort(new JobStoppedError());
    atWork.stop = new AbortController();
  }
}
