import type { Outcome } from "./outcome.ts";

/** States that a page ends in; each is a counter of its job. */
export type EndState = "succeeded" | "failed" | "skipped" | "cancelled";

/**
 * Where a page is on its way:
 *
 *     pending ──release──▶ released ──settle──▶ succeeded │ failed │ skipped │ cancelled
 *      ▲   │                   │                              │                  │
 *      │   └─ given up, cancelled: an end                     │                  │
 *      ├─ proof, retry, hand-back, lost lease ─┘              │                  │
 *      └─ its job is run again ───────────────────────────────┴──────────────────┘
 */
export type PageState = "pending" | "released" | EndState;

export const PAGE_STATES = ["pending", "released", "succeeded", "failed", "skipped", "cancelled"] as const;

/** A page that was fine or that nobody may visit is never visited again for the same job. */
const MOVES: Readonly<Record<PageState, readonly PageState[]>> = Object.freeze({
  pending: ["released", "succeeded", "failed", "cancelled"],
  released: ["pending", "succeeded", "failed", "skipped", "cancelled"],
  succeeded: [],
  failed: ["pending"],
  skipped: [],
  cancelled: ["pending"],
});

/** Whether a page may go from one state to the other. */
export function mayMove(from: PageState, to: PageState): boolean {
  return MOVES[from].includes(to);
}

const END_STATES: Readonly<Record<Outcome, EndState>> = Object.freeze({
  ok: "succeeded",
  broken: "failed",
  blocked: "failed",
  unreachable: "failed",
  disallowed: "skipped",
  skipped: "skipped",
  cancelled: "cancelled",
});

/** The counter that an outcome adds to. */
export function endStateOf(outcome: Outcome): EndState {
  return END_STATES[outcome];
}
