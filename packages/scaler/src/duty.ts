import { type Log, messageOf, type Stoppable } from "@bee/core";

export interface DutySpec {
  readonly name: string;
  readonly everyMs: number;
  /** Forgets what was true when this process last led: another may have led since. */
  readonly begin?: () => void;
  readonly runOnce: () => Promise<unknown>;
}

export interface DutyOptions extends DutySpec {
  readonly log: Log;
}

/** How a duty that remembers something begins and runs. */
export function runsOf(what: {
  begin(): void;
  runOnce(): Promise<unknown>;
}): Pick<DutySpec, "begin" | "runOnce"> {
  return { begin: () => what.begin(), runOnce: () => what.runOnce() };
}

/** A duty that recurs: a thin timer around `runOnce`. A run that fails is reported, and the next one comes in time. */
export class Duty implements Stoppable {
  readonly #options: DutyOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Waits for the run that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, everyMs, runOnce, log } = this.#options;
    try {
      await runOnce();
    } catch (error) {
      log.warn("a duty failed", { duty: name, error: messageOf(error) });
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, everyMs);
  }
}
