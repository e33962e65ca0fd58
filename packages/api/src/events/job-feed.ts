import { isEnded } from "@bee/core";
import {
  type ChangedAmong,
  isComparable,
  isSince,
  type JobChange,
  type JobChanges,
  MOST_CHANGES,
} from "@bee/store";
import { type EventStream, encodeEvent } from "./event-stream.ts";

export interface JobFeedOptions {
  readonly read: (since: string | null, among: ChangedAmong) => Promise<JobChanges>;
}

/** Who follows the jobs. */
export interface Follower {
  readonly stream: EventStream;
  /** Whose jobs; those of all where it is undefined. */
  readonly owner: string | undefined;
  /** Where it was when it was here last, in the words of an event's id; null for one that is new. */
  readonly since: string | null;
}

/** Ids begin with the time at which a job was submitted, by the clock of the API process that took it. */
const CLOCKS_APART_MS = 300_000;

/**
 * Tells all who follow the jobs of every change, from one read for all of them. An event is a job's state: one that is
 * told twice does no harm, and none is passed over (see `readJobChanges`).
 */
export class JobFeed {
  readonly #read: JobFeedOptions["read"];
  readonly #followers = new Set<Follower>();
  readonly #newcomers = new Set<Follower>();
  /** Versions told last: of active jobs, and of those ended since the position. */
  readonly #told = new Map<string, JobChange>();
  readonly #expected = new Set<string>();
  #position: string | null = null;

  constructor({ read }: JobFeedOptions) {
    this.#read = read;
  }

  get isFollowed(): boolean {
    return this.#followers.size + this.#newcomers.size > 0;
  }

  join(follower: Follower): void {
    this.#newcomers.add(follower);
  }

  leave(follower: Follower): void {
    this.#newcomers.delete(follower);
    this.#followers.delete(follower);
  }

  /** A job that had ended may have begun anew, and end again before the next look. */
  expect(job: string): void {
    this.#expected.add(job);
  }

  /** Where a follower of this moment goes on from; null before the first look. */
  get position(): string | null {
    return this.#position;
  }

  /** Reads once, and tells. @returns the jobs that have changed. */
  async look(): Promise<readonly JobChange[]> {
    const newcomers = [...this.#newcomers];
    const since = this.#oldest(newcomers);
    const among: ChangedAmong = this.#isBehind(since)
      ? { all: true }
      : { all: false, jobs: [...this.#told.keys(), ...this.#expected], after: idBefore(CLOCKS_APART_MS) };
    const { position, jobs } = await this.#read(since, among);
    this.#expected.clear();
    const before = this.#position ?? position;
    const fresh = jobs.filter((job) => this.#isNews(job));
    const tooMany = jobs.length > MOST_CHANGES;
    for (const follower of this.#followers)
      if (tooMany) reset(follower, position);
      else this.#tell(follower, fresh, before, position);
    for (const newcomer of newcomers) this.#welcome(newcomer, jobs, position);
    this.#remember(jobs, position);
    return fresh;
  }

  /** Nobody follows any more: what comes first has nothing to go on from. */
  forget(): void {
    this.#position = null;
    this.#told.clear();
  }

  /** The position to read from: the oldest that anybody has. */
  #oldest(newcomers: readonly Follower[]): string | null {
    const all = [...newcomers.map(({ since }) => since), this.#position].filter((at) => at !== null);
    return all.length === 0 ? null : all.reduce((a, b) => (BigInt(a) < BigInt(b) ? a : b));
  }

  /** Of jobs that ended before this feed began nothing is known here. */
  #isBehind(since: string | null): boolean {
    return since !== null && (this.#position === null || BigInt(since) < BigInt(this.#position));
  }

  #isNews(job: JobChange): boolean {
    if (this.#position === null || !isSince(job, this.#position)) return false;
    return this.#told.get(job.id)?.version !== job.version;
  }

  #tell({ stream, owner }: Follower, jobs: readonly JobChange[], before: string, position: string): void {
    const own = jobs.filter(({ keyId }) => owner === undefined || keyId === owner);
    // Who is cut off in the middle of it gets all of it again.
    const text = own.map((job, i) => encodeJob(job, i === own.length - 1 ? position : before)).join("");
    if (text !== "") stream.write(text);
  }

  #welcome(newcomer: Follower, jobs: readonly JobChange[], position: string): void {
    // It may have left while we read.
    if (!this.#newcomers.delete(newcomer)) return;
    this.#followers.add(newcomer);
    const { since } = newcomer;
    if (since === null || !isComparable(since, position) || jobs.length > MOST_CHANGES) {
      reset(newcomer, position);
    } else {
      const missed = jobs.filter((job) => isSince(job, since));
      this.#tell(newcomer, missed, since, position);
    }
  }

  #remember(jobs: readonly JobChange[], position: string): void {
    this.#position = position;
    for (const job of jobs) this.#told.set(job.id, job);
    for (const [id, job] of this.#told)
      if (isEnded(job.status) && !isSince(job, position)) this.#told.delete(id);
  }
}

/** Has the follower read its lists anew: from here on it is told of every change. */
function reset({ stream }: Follower, position: string): void {
  stream.send({ type: "reset", data: {}, id: position });
}

function encodeJob({ keyId: _owner, version: _version, ...job }: JobChange, id: string): string {
  return encodeEvent({ type: "job", data: job, id });
}

/** A UUIDv7 of so long ago, the least of its millisecond. */
function idBefore(ms: number): string {
  const time = (Date.now() - ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
