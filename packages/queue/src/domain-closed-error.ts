import type { ClosedReason } from "@bee/core";

export interface DomainClosing {
  readonly domain: string;
  readonly reason: ClosedReason;
  /** What failed, or which answer asked for quiet. */
  readonly because: string;
  /** Milliseconds until a request may be tried. */
  readonly forMs: number;
  /** Openings of its circuit in a row. */
  readonly openings: number;
  /** Whether it failed so often in a row that nothing more is to be tried for its jobs. */
  readonly hopeless: boolean;
}

/** The domain gets no requests now: none was made. */
export class DomainClosedError extends Error implements DomainClosing {
  override readonly name = "DomainClosedError";
  readonly domain: string;
  readonly reason: ClosedReason;
  readonly because: string;
  readonly forMs: number;
  readonly openings: number;
  readonly hopeless: boolean;

  constructor(closing: DomainClosing) {
    super(messageOf(closing));
    this.domain = closing.domain;
    this.reason = closing.reason;
    this.because = closing.because;
    this.forMs = Math.max(LEAST_MS, closing.forMs);
    this.openings = closing.openings;
    this.hopeless = closing.hopeless;
  }

  /** Why pages end that are not tried any more. */
  get givenUpReason(): string {
    return `the domain failed at ${this.openings} tries in a row, each after a longer pause (${this.because}), so this page was not tried any more`;
  }
}

/** What comes back earlier than this comes back for nothing. */
const LEAST_MS = 100;

function messageOf({ domain, reason, because, forMs, openings }: DomainClosing): string {
  const seconds = `${Math.ceil(forMs / 1_000)} s`;
  if (reason === "retry-after") return `${domain} asked for quiet for another ${seconds}: ${because}`;
  const times = openings === 1 ? "" : `, ${openings} times in a row`;
  return `the circuit of ${domain} is open for another ${seconds}${times}: ${because}`;
}
