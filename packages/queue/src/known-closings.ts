import { RecentMap } from "@bee/core";
import type { ClosingNews } from "./control-channel.ts";

/** Why a domain gets no requests, as this process knows it; moments are of its monotonic clock. */
export interface Closing {
  readonly version: string;
  /** Openings of the circuit in a row; 0 when it is closed. */
  readonly openings: number;
  readonly openUntil: number;
  readonly failure: string;
  readonly quietUntil: number;
  readonly plea: string;
}

export interface KnownClosing {
  readonly closing: Closing;
  /** When Redis was asked for it; what changed since then was heard. */
  readonly readAt: number;
}

const OPEN: Closing = { version: "0", openings: 0, openUntil: 0, failure: "", quietUntil: 0, plea: "" };
const NEVER_READ: KnownClosing = { closing: OPEN, readAt: Number.NEGATIVE_INFINITY };

/** The closings that this process has heard of or asked for. */
export class KnownClosings {
  readonly #known: RecentMap<string, KnownClosing>;

  /** @param capacity domains; the one of which nothing was heard for the longest time is forgotten. */
  constructor(capacity: number) {
    this.#known = new RecentMap(capacity);
  }

  /** An open domain, never read, where nothing is known. */
  get(domain: string): KnownClosing {
    return this.#known.get(domain) ?? NEVER_READ;
  }

  /** What is older than what is known undoes nothing, nor does a Redis that knows nothing. */
  note(news: ClosingNews, readAt: number): void {
    const now = performance.now();
    const before = this.get(news.domain);
    const { version, openings, openMs, failure, quietMs, plea } = news;
    const isOlder = Number(version) < Number(before.closing.version);
    const closing = isOlder
      ? before.closing
      : { version, openings, openUntil: now + openMs, failure, quietUntil: now + quietMs, plea };
    this.#known.set(news.domain, { closing, readAt: Math.max(readAt, before.readAt) });
  }

  /** In force here before Redis has heard of it, and should Redis be away. */
  assume(domain: string, change: Partial<Closing>): void {
    const { closing, readAt } = this.get(domain);
    this.#known.set(domain, { closing: { ...closing, ...change }, readAt });
  }

  /** Those that keep requests from their domains. */
  inForce(): [domain: string, closing: Closing][] {
    const now = performance.now();
    return [...this.#known]
      .map(([domain, { closing }]): [string, Closing] => [domain, closing])
      .filter(([, { openings, quietUntil }]) => openings > 0 || quietUntil > now);
  }
}
