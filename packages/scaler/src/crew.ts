import type { Runnable, WorkerReport, WorkerTroubles } from "@bee/queue";
import { Silences } from "./silences.ts";
import { StartBackoff } from "./start-backoff.ts";
import { whyStuck } from "./stuck-worker.ts";

export interface StuckWorker<Id> {
  readonly id: Id;
  readonly why: string;
  /** It says nothing, and will not hear a signal either. */
  readonly isSilent: boolean;
}

const STUCK_KEPT_MS = 5 * 60_000;

/** What is known of our workers, by their pid or their container: who works, who was asked to stop, who is stuck. */
export class Crew<Id> {
  readonly #now: () => number;
  readonly #retiring = new Set<Id>();
  /** Those that got as far as to work. */
  readonly #worked = new Set<Id>();
  readonly #silences: Silences<Id>;
  readonly #backoff: StartBackoff;
  /** When workers were found stuck of late. */
  #stuckAt: number[] = [];

  /** @param now monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#silences = new Silences(now);
    this.#backoff = new StartBackoff(now);
  }

  isRetiring(id: Id): boolean {
    return this.#retiring.has(id);
  }

  hasWorked(id: Id): boolean {
    return this.#worked.has(id);
  }

  /** @param going our workers that go on. @returns how many may be started now. */
  allow(workers: number, going: readonly Id[]): number {
    const isTrying = going.some((id) => !this.#worked.has(id));
    return this.#backoff.allow(workers, isTrying);
  }

  /** A start came to nothing. @returns how often in a row, and for how long none is started. */
  failed(): { readonly inARow: number; readonly waitMs: number } {
    const waitMs = this.#backoff.failed();
    return { inARow: this.#backoff.failures, waitMs };
  }

  retire(id: Id): void {
    this.#retiring.add(id);
  }

  /** It could not be asked to stop. */
  keep(id: Id): void {
    this.#retiring.delete(id);
  }

  learn(id: Id, state: WorkerReport["state"]): void {
    if (state === "stopping") this.#retiring.add(id);
    if (state !== "working" || this.#worked.has(id)) return;
    this.#worked.add(id);
    this.#backoff.worked();
  }

  /** Those that live and do not work; each is counted among the troubles. */
  findStuck(
    going: readonly Id[],
    reports: ReadonlyMap<Id, WorkerReport>,
    runnable: Runnable,
  ): StuckWorker<Id>[] {
    const stuck = going.flatMap((id) => {
      const report = reports.get(id);
      const isSilent = report === undefined;
      const why = whyStuck({ report, silentMs: this.#silences.look(id, !isSilent), runnable });
      return why === null ? [] : [{ id, why, isSilent }];
    });
    for (const _ of stuck) this.#stuckAt.push(this.#now());
    return stuck;
  }

  troubles(): WorkerTroubles {
    this.#stuckAt = this.#stuckAt.filter((at) => at > this.#now() - STUCK_KEPT_MS);
    return { failedStarts: this.#backoff.failures, stuck: this.#stuckAt.length };
  }

  /** It has ended; how is judged yet. */
  expectNoReport(id: Id): void {
    this.#silences.forget(id);
  }

  forget(id: Id): void {
    this.#retiring.delete(id);
    this.#worked.delete(id);
    this.#silences.forget(id);
  }
}

/** Of these workers, the idlest. */
export function idlestOf<Id>(
  going: readonly Id[],
  reports: ReadonlyMap<Id, WorkerReport>,
  workers: number,
): Id[] {
  const busy = (id: Id) => reports.get(id)?.busy ?? 0;
  return going.toSorted((a, b) => busy(a) - busy(b)).slice(0, workers);
}
