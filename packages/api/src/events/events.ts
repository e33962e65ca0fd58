import { BeeError, type Log, type Stoppable } from "@bee/core";
import { type ControlMessage, listenControl, type Redis } from "@bee/queue";
import { liveKeys, readJobChanges } from "@bee/store";
import type { Response } from "express";
import { callerOf, scopeOf } from "../http/caller.ts";
import { readWholeJobViews } from "../jobs/read-job-view.ts";
import type { Parts } from "../parts.ts";
import { EventStream } from "./event-stream.ts";
import { FleetFeed, type Listener } from "./fleet-feed.ts";
import { type Follower, JobFeed } from "./job-feed.ts";
import { JobWatch, type Watcher } from "./job-watch.ts";
import { Pulse } from "./pulse.ts";

/** Beyond what a person's tabs and a team's dashboards open with one key. */
const MOST_PER_KEY = 250;
const MOST_STREAMS = 2_000;

const JOBS_EVERY_MS = 500;
/** As often as workers tell of themselves. */
const FLEET_EVERY_MS = 2_000;
const BEAT_EVERY_MS = 15_000;
/** A key that was revoked hears nothing more after this. */
const KEYS_EVERY_MS = 30_000;

/** What somebody wants to hear of. */
export interface Interest {
  readonly since: string | null;
  /** One job, to be told of with all that is known. */
  readonly job: string | null;
}

/** All open streams of this process. However many they are, Postgres and Redis are asked once for all of them. */
export class Events implements Stoppable {
  readonly #parts: Parts;
  readonly #log: Log;
  readonly #streams = new Set<EventStream>();
  readonly #jobs: JobFeed;
  readonly #watch: JobWatch;
  readonly #fleet: FleetFeed;
  readonly #jobPulse: Pulse;
  readonly #fleetPulse: Pulse;
  #timers: readonly NodeJS.Timeout[] = [];
  #stopListening: (() => void) | undefined;
  #stopping = false;

  constructor(parts: Parts) {
    const { db, log } = parts;
    this.#parts = parts;
    this.#log = log;
    this.#jobs = new JobFeed({ read: (since, among) => readJobChanges(db, since, among) });
    this.#watch = new JobWatch((ids) => readWholeJobViews(parts, ids));
    this.#fleet = new FleetFeed(parts);
    const pulse = (what: string, everyMs: number, work: () => Promise<boolean>) =>
      new Pulse({ what, everyMs, work, log });
    this.#jobPulse = pulse("jobs", JOBS_EVERY_MS, () => this.#lookAtJobs());
    this.#fleetPulse = pulse("the fleet", FLEET_EVERY_MS, () => this.#fleet.look());
  }

  /** Listens to what the fleet is told. */
  async start(redis: Redis): Promise<void> {
    this.#timers = [
      setInterval(() => this.#beat(), BEAT_EVERY_MS),
      setInterval(() => void this.#dropRevoked(), KEYS_EVERY_MS),
    ];
    this.#stopListening = await listenControl(redis, (message) => this.#hear(message));
  }

  /** Opens the stream of one job, which ends with it. */
  openJob(response: Response, job: string, seen: string | null): void {
    const watcher: Watcher = {
      stream: this.#open(response, () => this.#watch.remove(watcher)),
      ...{ job, seen, endsWithJob: true },
    };
    this.#watch.add(watcher);
    this.#jobPulse.wake();
  }

  /** Opens the stream of all that this caller may see. */
  openAll(response: Response, { since, job }: Interest): void {
    const stream = this.#open(response, () => {
      this.#jobs.leave(follower);
      this.#fleet.leave(listener);
      if (watcher !== null) this.#watch.remove(watcher);
    });
    const caller = callerOf(response);
    const follower: Follower = { stream, owner: scopeOf(caller), since };
    const listener: Listener = { stream, isOperator: caller.plan === "operator" };
    const watcher: Watcher | null = job === null ? null : { stream, job, seen: null, endsWithJob: false };
    this.#jobs.join(follower);
    this.#fleet.join(listener);
    if (watcher !== null) this.#watch.add(watcher);
    this.#jobPulse.wake();
    this.#fleetPulse.wake();
  }

  /** Ends all streams: their readers find another process, or this one when it is back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopListening?.();
    for (const stream of this.#streams) stream.end();
    await Promise.all([this.#jobPulse.stop(), this.#fleetPulse.stop()]);
  }

  #open(response: Response, onClose: () => void): EventStream {
    const { id } = callerOf(response);
    if (this.#stopping)
      throw new BeeError("unavailable", "expected a process that serves, got one that stops");
    const own = [...this.#streams].filter(({ key }) => key === id).length;
    if (own >= MOST_PER_KEY || this.#streams.size >= MOST_STREAMS) {
      throw new BeeError(
        "too-many-requests",
        `expected at most ${MOST_PER_KEY} open event streams of one key and ${MOST_STREAMS} of all, got one more; close some`,
      );
    }
    const stream = new EventStream(response, id, () => {
      this.#streams.delete(stream);
      onClose();
    });
    this.#streams.add(stream);
    return stream;
  }

  async #lookAtJobs(): Promise<boolean> {
    const changed = await this.#jobs.look();
    await this.#watch.look(changed);
    const isWanted = this.#jobs.isFollowed || this.#watch.isWatched;
    if (!isWanted) this.#jobs.forget();
    return isWanted;
  }

  #hear(message: ControlMessage): void {
    if (message.type === "job-resumed") this.#jobs.expect(message.job);
    // Of a domain it is enough to know that something has changed: whoever shows it reads it.
    else if ("domain" in message) this.#fleet.tellOfDomain(message.domain);
  }

  #beat(): void {
    for (const stream of this.#streams) stream.beat();
  }

  async #dropRevoked(): Promise<void> {
    const keys = [...new Set([...this.#streams].map(({ key }) => key))];
    if (keys.length === 0) return;
    try {
      const live = await liveKeys(this.#parts.db, keys);
      for (const stream of this.#streams) if (!live.has(stream.key)) stream.end();
    } catch {
      // Postgres is away, and so are all events; the next look decides.
      this.#log.debug("keys of event streams were not looked at", { streams: this.#streams.size });
    }
  }
}
