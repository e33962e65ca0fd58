import type { Log } from "@bee/core";
import type { Closing } from "./known-closings.ts";

/** From an answer to the settlement of its page, which may find that the site gets more quiet than the answer asked for. */
const SETTLED_MS = 1_000;

/** Tells that domains ask for quiet: each time once, when it is known how much they get. */
export class PleaLog {
  readonly #log: Log;
  readonly #closingOf: (domain: string) => Closing;
  readonly #untold = new Map<string, { readonly since: number; readonly timer: NodeJS.Timeout }>();

  constructor(log: Log, closingOf: (domain: string) => Closing) {
    this.#log = log;
    this.#closingOf = closingOf;
  }

  /** A quiet has begun. */
  begun(domain: string): void {
    if (this.#untold.has(domain)) return;
    const timer = setTimeout(() => this.#tell(domain), SETTLED_MS).unref();
    this.#untold.set(domain, { since: performance.now(), timer });
  }

  /** Nothing more is heard: tells what is known. */
  stop(): void {
    for (const domain of [...this.#untold.keys()]) this.#tell(domain);
  }

  #tell(domain: string): void {
    const { since, timer } = this.#untold.get(domain)!;
    clearTimeout(timer);
    this.#untold.delete(domain);
    const { plea, quietUntil } = this.#closingOf(domain);
    const forMs = Math.round(quietUntil - since);
    this.#log.info("a domain asks for quiet", { domain, plea, forMs });
  }
}
