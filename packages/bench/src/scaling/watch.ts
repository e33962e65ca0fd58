import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "./api.ts";
import type { Crew } from "./crew.ts";
import type { Decision, Fleet } from "./wire.ts";

/** The fleet at one moment. */
export interface Sample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Jobs that were submitted and neither ended nor were cancelled. */
  readonly jobs: number;
  readonly wish: number;
  /** Worker processes that run and have not begun to stop, as the system sees them. */
  readonly going: number;
  /** Those of them that the registry tells to be at work. */
  readonly working: number;
}

const LOOK_EVERY_MS = 250;

/** Looks at a fleet again and again, and says what changes. */
export class Watch {
  readonly samples: Sample[] = [];
  /** The oldest first. */
  readonly decisions: Decision[] = [];
  /** How many jobs are active. */
  jobs = 0;
  readonly #api: Api;
  readonly #crew: Crew;
  readonly #say: (line: string) => void;
  #stopped = false;
  #watching: Promise<void> | undefined;
  #unanswered = 0;

  constructor(api: Api, crew: Crew, say: (line: string) => void) {
    this.#api = api;
    this.#crew = crew;
    this.#say = say;
  }

  /** Looks that got no answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watching;
  }

  /** Resolves with the first sample from now on that is as asked for, or null when there is none in time. */
  async first(isAsAskedFor: (sample: Sample) => boolean, withinMs: number): Promise<Sample | null> {
    const from = this.samples.length;
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      const found = this.samples.slice(from).find(isAsAskedFor);
      if (found !== undefined) return found;
      await delay(LOOK_EVERY_MS / 2);
    }
    return null;
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const at = performance.now();
      const { jobs } = this;
      try {
        this.#take(at, jobs, await this.#api.fleet());
      } catch {
        this.#unanswered += 1;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  #take(at: number, jobs: number, { workers, desired, decisions }: Fleet): void {
    const going = this.#crew.going();
    const working = workers.filter(({ pid, state }) => state === "working" && going.includes(pid)).length;
    const sample = { at, jobs, wish: desired, going: going.length, working };
    const before = this.samples.at(-1);
    this.samples.push(sample);
    if (before?.wish !== sample.wish || before.working !== sample.working || before.going !== sample.going)
      this.#say(`${jobs} jobs, ${desired} wanted, ${sample.going} live, ${working} at work`);
    const known = new Set(this.decisions.map((one) => one.at));
    for (const one of decisions.filter((decision) => !known.has(decision.at)).reverse()) {
      this.decisions.push(one);
      this.#say(`   ${one.from} → ${one.to}: ${one.reason}`);
    }
  }
}
