const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** npm passes a Ctrl-C on to a child that the terminal has told already: two signals, one wish. */
const SAME_WISH_MS = 300;

/** A wish to stop, which any of several may utter: a signal, a cut lifeline, a part that is lost for good. */
export class StopRequest {
  readonly #asked = new AbortController();
  readonly #urgent = new AbortController();
  #failure: Error | undefined;

  /** Aborted by the first wish; its reason says whose it was. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** Aborted by another signal after that: somebody is in a hurry. */
  get urgent(): AbortSignal {
    return this.#urgent.signal;
  }

  /** Why this process cannot go on, if that is why it stops. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  ask(reason: string): void {
    if (!this.asked.aborted) this.#asked.abort(reason);
  }

  /** Asks to stop because something is lost that the process cannot do without. */
  fail(error: Error): void {
    if (!this.asked.aborted) this.#failure = error;
    this.ask(error.message);
  }

  /** Takes the signals by which people, terminals and containers end a process. */
  listen(): this {
    let hurriesAfter = Number.POSITIVE_INFINITY;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (performance.now() > hurriesAfter) this.#urgent.abort(signal);
        else hurriesAfter = Math.min(hurriesAfter, performance.now() + SAME_WISH_MS);
        this.ask(signal);
      });
    }
    return this;
  }

  /** Takes mistakes that nobody caught: whoever started processes must end them, whatever happens to itself. */
  listenForMistakes(): this {
    process.on("uncaughtException", (error) => this.fail(error));
    return this;
  }

  /** Resolves with the reason as soon as stopping is asked for. */
  wait(): Promise<string> {
    return whenAborted(this.asked);
  }
}

/** Resolves with the reason of a signal once it is aborted. */
export function whenAborted(signal: AbortSignal): Promise<string> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

/** The result of a promise, or an exception as soon as the signal is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = whenAborted(signal).then((reason) => {
    throw new Error(reason);
  });
  return Promise.race([promise, aborted]);
}
