import type { Outcome } from "@bee/core";

/** The first line of every report, the same in all formats: what was checked, and what could not be. */
export function headlineOf(pages: number, outcomes: Readonly<Record<Outcome, number>>): string {
  const { ok, broken, blocked, unreachable } = outcomes;
  return `checked ${ok + broken} of ${pages}; ${blocked} blocked; ${unreachable} not reachable`;
}
