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

/** Follows single jobs with all that is known of them: each is read once for all who watch it. */
export class JobWatch {
  readonly #read: (ids: readonly string[]) => Promise<readonly JobView[]>;
  readonly #watchers = new Set<Watcher>();
  /** Nothing is to be expected of them. */
  readonly #ended = new Set<string>();

  constructor(read: (ids: readonly string[]) => Promise<readonly JobView[]>) {
    this.#read = read;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#ended.delete(watcher.job);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** What has ended is looked at again when it was changed. */
  async look(changed: readonly { readonly id: string }[]): Promise<void> {
    for (const { id } of changed) this.#ended.delete(id);
    const ids = new Set([...this.#watchers].map(({ job }) => job).filter((id) => !this.#ended.has(id)));
    if (ids.size === 0) return;
    for (const view of await this.#read([...ids])) this.#tell(view);
  }

  #tell(view: JobView): void {
    const state = stateOf(view);
    const hasEnded = isEnded(view.status);
    if (hasEnded) this.#ended.add(view.id);
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
