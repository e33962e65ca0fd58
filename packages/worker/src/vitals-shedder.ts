import { allowedSlots, type Log, type Overload } from "@bee/core";

export interface ShedderOptions {
  readonly slots: number;
  readonly busy: () => number;
  /** What this worker has too little of. */
  readonly overload: () => Overload | null;
  /** Sets how many slots may be filled. */
  readonly allow: (slots: number) => void;
  readonly log: Log;
}

/** As long as the load is averaged over: each step sees what the one before has brought. */
const STEP_MS = 10_000;

/** Lets an overloaded worker take fewer visits, and gradually more again. */
export class Shedder {
  readonly #options: ShedderOptions;
  #allowed: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ShedderOptions) {
    this.#options = options;
    this.#allowed = options.slots;
  }

  start(): void {
    this.#timer = setInterval(() => this.step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  step(): void {
    const { slots, busy, overload, allow, log } = this.#options;
    const before = this.#allowed;
    const lacks = overload();
    this.#allowed = allowedSlots({ slots, allowed: before, busy: busy(), overloaded: lacks !== null });
    if (this.#allowed === before) return;
    allow(this.#allowed);
    if (before === slots) log.warn("overloaded: takes fewer visits", { lacks, slots: this.#allowed });
    if (this.#allowed === slots) log.info("not overloaded any more: takes all visits");
  }
}
