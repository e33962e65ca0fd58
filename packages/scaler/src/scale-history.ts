import { RecentWishes } from "./recent-wishes.ts";
import type { ScaleDecision, ScaleInput } from "./scale-decision.ts";

/** Pages that have waited so long for their domains are a backlog, of which it is told once that it asks for nobody. */
const BACKLOG_MS = 5_000;

/** What came before a decision, as far as the next one depends on it. Times are of one clock, in milliseconds. */
export class ScaleHistory {
  readonly #wishes: RecentWishes;
  #lowerSince: number | undefined;
  #upAt = Number.NEGATIVE_INFINITY;
  #backlogSince: number | undefined;
  #backlogTold = false;

  constructor(scaleDownDelayMs: number) {
    this.#wishes = new RecentWishes(scaleDownDelayMs);
  }

  at(now: number): Pick<ScaleInput, "lowerForMs" | "lately" | "sinceUpMs"> {
    return {
      lowerForMs: now - (this.#lowerSince ?? now),
      lately: this.#wishes.highest(now),
      sinceUpMs: now - this.#upAt,
    };
  }

  /**
   * @param current the workers before the decision.
   * @param changed by how many it changed them.
   * @returns whether it is to be told: a change is, and, once for each backlog, that it is no reason for one.
   */
  add(now: number, { wish, waitsForDomains }: ScaleDecision, current: number, changed: number): boolean {
    this.#wishes.add(now, wish);
    // Demand that reaches the current number once begins the delay anew.
    this.#lowerSince = wish < current ? (this.#lowerSince ?? now) : undefined;
    if (changed > 0) this.#upAt = now;
    const isBacklogNews = this.#isBacklogNews(now, waitsForDomains);
    return changed !== 0 || isBacklogNews;
  }

  #isBacklogNews(now: number, waitsForDomains: boolean): boolean {
    if (!waitsForDomains) {
      this.#backlogSince = undefined;
      this.#backlogTold = false;
      return false;
    }
    this.#backlogSince ??= now;
    if (this.#backlogTold || now - this.#backlogSince < BACKLOG_MS) return false;
    this.#backlogTold = true;
    return true;
  }
}
