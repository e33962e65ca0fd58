import { OUTCOMES } from "./outcome.ts";
import type { Settlement } from "./settlement.ts";

/** What became of a visit: the page's outcome, or that it comes back to be proved, tried again, or for no fault of its own. */
export const VISIT_RESULTS = [...OUTCOMES, "proving", "retried", "handed-back"] as const;
export type VisitResult = (typeof VISIT_RESULTS)[number];

/** How many visits ended how; results that none had are left out. */
export type VisitCounts = Readonly<Partial<Record<VisitResult, number>>>;

const FAILURES: readonly VisitResult[] = ["broken", "blocked", "unreachable", "retried"];

const RESULT_OF = { prove: "proving", retry: "retried", "hand-back": "handed-back" } as const;

export function visitResultOf(settlement: Settlement): VisitResult {
  return settlement.type === "done" ? settlement.outcome : RESULT_OF[settlement.type];
}

/** Visits that were made, and those of them that failed. One that was handed back was not made. */
export function countVisits(counts: VisitCounts): { readonly made: number; readonly failed: number } {
  const sum = (results: readonly VisitResult[]) =>
    results.reduce((total, result) => total + (counts[result] ?? 0), 0);
  return { made: sum(VISIT_RESULTS.filter((result) => result !== "handed-back")), failed: sum(FAILURES) };
}
