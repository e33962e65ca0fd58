import { bucketOf } from "@bee/core";
import { type Count, countNames } from "@bee/queue";
import type { VisitNote } from "./vitals.ts";

/** What this worker has counted since its start, and what of it the fleet knows. */
export class VisitTally {
  readonly #values = new Map<string, number>();
  readonly #told = new Map<string, number>();

  note({ result, cache, taskMs, responseMs }: VisitNote): void {
    this.#add(countNames.visits(result, cache), 1);
    this.#addTime("tasks", taskMs);
    if (responseMs !== null) this.#addTime("responses", responseMs);
  }

  /** What the fleet does not know yet. */
  news(): Count[] {
    return [...this.#values]
      .map(([name, value]) => ({ name, value: Math.round(value), told: this.#told.get(name) ?? 0 }))
      .filter(({ value, told }) => value > told);
  }

  /** The fleet knows it now. */
  told(counts: readonly Count[]): void {
    for (const { name, value } of counts) this.#told.set(name, value);
  }

  #addTime(kind: "responses" | "tasks", ms: number): void {
    this.#add(countNames.times(kind, bucketOf(ms)), 1);
    this.#add(countNames.timesSum(kind), ms);
  }

  #add(name: string, value: number): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + value);
  }
}
