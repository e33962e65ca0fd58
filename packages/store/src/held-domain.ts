import {
  type ClosedReason,
  forgotten,
  isSameRule,
  judged,
  type RateRule,
  refusesAll,
  type Settlement,
  type Tolerance,
  UNHURRIED,
  type Visited,
  windowFor,
} from "@bee/core";
import { ruleOf } from "./rule-in-force.ts";

/**
 * A domain whose row the transaction holds, and with it the right to change the domain's jobs and pages. Times are
 * milliseconds from the transaction's start by the database's clock: a worker's own clock decides nothing.
 */
export class HeldDomain {
  readonly id: number;
  readonly name: string;
  readonly #row: HeldRow;
  #rule: RateRule;
  #tolerance: Tolerance;
  #slowStart: boolean;
  #released: number;
  #unreached: number;
  #nextInMs: number;
  #closedForMs: number;
  #closedReason: ClosedReason | null;
  #turn: number;
  readonly #paused: boolean;
  #expansionsTurn = false;

  constructor(row: HeldRow) {
    this.id = row.id;
    this.name = row.name;
    this.#row = row;
    this.#rule = ruleOf(row);
    this.#tolerance = row.tolerance ?? UNHURRIED;
    this.#slowStart = row.slow_start;
    this.#released = row.released;
    this.#unreached = row.unreached;
    this.#nextInMs = row.next_in_ms;
    this.#closedForMs = row.closed_for_ms;
    this.#closedReason = row.closed_reason;
    this.#turn = row.turn;
    this.#paused = row.paused;
    // Whoever holds it first after it was closed puts the expansion on its way whose turn it is.
    this.#expansionsTurn = row.closed_reason !== null && row.closed_for_ms === 0;
  }

  /** The rule in force. */
  get rule(): RateRule {
    return this.#rule;
  }

  /** After a refusal the rule counts as a new one even where it was as slow before. */
  get ruleRevision(): number {
    const { rule_revision } = this.#row;
    const isNew = this.#tolerance.slowedAt > rule_revision || !isSameRule(this.#rule, ruleOf(this.#row));
    return isNew ? rule_revision + 1 : rule_revision;
  }

  /** Milliseconds until the domain may be visited again; 0 when it is open. */
  get closedForMs(): number {
    return this.#closedForMs;
  }

  /** How many more pages may be released now. */
  get room(): number {
    if (this.#paused || this.#closedForMs > 0) return 0;
    return Math.max(0, windowFor(this.rule, this.#slowStart) - this.#released);
  }

  /** How many pages the domain has had released; who was released last has the highest of its jobs. */
  get turn(): number {
    return this.#turn;
  }

  /**
   * Takes one place of the window.
   * @returns milliseconds to hold the page back: a domain slower than one request a second gets its page at the
   * moment it may start, so that no slot sleeps for it.
   */
  release(): number {
    this.#released += 1;
    this.#turn += 1;
    if (this.rule.requestsPerSecond >= 1) return 0;
    const startsInMs = this.#nextInMs;
    this.#nextInMs = startsInMs + 1_000 / this.rule.requestsPerSecond;
    return startsInMs;
  }

  /** One of its jobs has ended or left its expansion, or begins anew: it may be another one's turn to be expanded. */
  turnExpansions(): void {
    this.#expansionsTurn = true;
  }

  get expansionsTurn(): boolean {
    return this.#expansionsTurn;
  }

  /** Gives places of the window back. */
  takeBack(pages = 1): void {
    this.#released -= pages;
  }

  /** The domain answered: its window opens, unless the visit was sent before the site asked for quiet. */
  answered(revision: number): void {
    this.#unreached = 0;
    if (revision >= this.#tolerance.slowedAt) this.#slowStart = false;
  }

  /** Whether it has not answered yet, or has failed since. */
  get isDoubtful(): boolean {
    return this.#slowStart;
  }

  /** One of its pages ended without ever having been reached. */
  missed(): void {
    this.#unreached += 1;
  }

  /** What comes next is tried anew. */
  forgetMisses(): void {
    this.#unreached = 0;
  }

  /** Pages in a row that ended without having been reached. */
  get unreached(): number {
    return this.#unreached;
  }

  /**
   * What a visit says of the pace that the domain bears; the rule changes with it.
   * @returns milliseconds for which it closes the domain.
   */
  judge(settlement: Settlement, visited: Omit<Visited, "nextRevision">): number {
    const nextRevision = this.#row.rule_revision + 1;
    const { after, quietMs } = judged(this.#tolerance, settlement, { ...visited, nextRevision });
    this.#bears(after);
    this.close(quietMs, "retry-after");
    return quietMs;
  }

  /** Whether the site has refused for so long that it would refuse what is left, too. */
  get refusesAll(): boolean {
    return refusesAll(this.#tolerance.backoff);
  }

  /** What comes next finds out anew, at the pace that is left. */
  forgetRefusals(): void {
    this.#bears({ ...this.#tolerance, backoff: forgotten(this.#tolerance.backoff) });
  }

  #bears(tolerance: Tolerance): void {
    this.#tolerance = tolerance;
    this.#rule = ruleOf({ ...this.#row, tolerance });
  }

  /** The domain failed: one page at a time until it answers again. */
  failed(): void {
    this.#slowStart = true;
  }

  /** No release for so long; a longer closing that is in force stays. */
  close(forMs: number, reason: ClosedReason): void {
    if (forMs <= this.#closedForMs) return;
    this.#closedForMs = forMs;
    this.#closedReason = reason;
  }

  /** Whatever closed it, pages may be released. */
  open(): void {
    this.#closedForMs = 0;
  }

  toRow() {
    return {
      id: this.id,
      released: this.#released,
      slow_start: this.#slowStart,
      unreached: this.#unreached,
      next_in_ms: this.#nextInMs,
      closed_for_ms: this.#closedForMs,
      closed_reason: this.#closedForMs > 0 ? this.#closedReason : null,
      turn: this.#turn,
      new_rules: this.ruleRevision - this.#row.rule_revision,
      tolerance: this.#tolerance,
    };
  }
}

/** Its row as it was when it was locked. */
export interface HeldRow {
  id: number;
  name: string;
  requests_per_second: number;
  burst: number;
  concurrency: number;
  premium: boolean;
  crawl_delay: number | null;
  rule_revision: number;
  slow_start: boolean;
  released: number;
  unreached: number;
  next_in_ms: number;
  closed_for_ms: number;
  closed_reason: ClosedReason | null;
  turn: number;
  paused: boolean;
  tolerance: Tolerance | null;
}
