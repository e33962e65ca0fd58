import { createHash } from "node:crypto";
import { isEnded } from "@bee/core";
import type { JobView } from "../jobs/job-view.ts";
import type { EventStream } from "./event-stream.ts";

export interface Watcher {
  readonly stream: EventStream;
  readonly job: string;
  /** The state that it has seen, in the words of an event's id. */
  seen: string | null;
  /** Whether the stream is there for this job only, and ends with it; else it stays for another of its lives. */
  readonly endsWithJob: boolean;
}

/** What a job waits for may change without the job: its domain's circuit, its place in a queue, the workers. */
const ANYWAY_EVERY_MS = 2_000;

/** Follows single jobs with all that is known of them: each is read once for all who watch it. */
export class JobWatch {
  readonly #read: (ids: readonly string[]) => Promise<readonly JobView[]>;
  readonly #watchers = new Set<Watcher>();
  /** Nothing is to be expected of them. */
  readonly #ended = new Set<string>();
  /** Somebody has begun to watch them. */
  readonly #new = new Set<string>();
  #lookAnywayAt = 0;

  constructor(read: (ids: readonly string[]) => Promise<readonly JobView[]>) {
    this.#read = read;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#new.add(watcher.job);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Reads those watched jobs that have changed or are new here, and from time to time all that have not ended. */
  async look(changed: readonly { readonly id: string }[]): Promise<void> {
    const now = performance.now();
    const all = now >= this.#lookAnywayAt;
    if (all) this.#lookAnywayAt = now + ANYWAY_EVERY_MS;
    const due = new Set([...changed.map(({ id }) => id), ...this.#new]);
    this.#new.clear();
    const isDue = (id: string) => due.has(id) || (all && !this.#ended.has(id));
    const ids = new Set([...this.#watchers].map(({ job }) => job).filter(isDue));
    if (ids.size === 0) return;
    try {
      for (const view of await this.#read([...ids])) this.#tell(view);
    } catch (error) {
      for (const id of due) this.#new.add(id);
      throw error;
    }
  }

  #tell(view: JobView): void {
    const state = stateOf(view);
    const hasEnded = isEnded(view.status);
    if (hasEnded) this.#ended.add(view.id);
    else this.#ended.delete(view.id);
    for (const watcher of this.#watchers) {
      if (watcher.job !== view.id) continue;
      const { stream, seen, endsWithJob } = watcher;
      // In a stream of many things the position is that of the jobs, and states have no say in it.
      const event = endsWithJob ? { type: "job", id: state } : { type: "job-view", id: null };
      if (seen !== state) stream.send({ ...event, data: view });
      watcher.seen = state;
      if (hasEnded && endsWithJob) stream.end();
    }
  }
}

/** A name for a job's state, without what only the time changes. */
export function stateOf({ rate: _rate, etaSeconds: _eta, waiting, ...view }: JobView): string {
  const reasons = waiting.map(({ reason, pages, because }) => ({ reason, pages, because }));
  return createHash("sha256")
    .update(JSON.stringify([view, reasons]))
    .digest("base64url")
    .slice(0, 22);
}
