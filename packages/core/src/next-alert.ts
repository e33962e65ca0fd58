import type { AlertEvent, AlertRule } from "./alert.ts";

/** What is known of an alert between two readings. Times in milliseconds, all of one clock. */
export interface AlertState {
  readonly firing: boolean;
  /** Since when the readings have asked for the other state, without a break; null while they do not. */
  readonly turningSince: number | null;
  /** When it was last told that it fires; null while it does not. */
  readonly toldAt: number | null;
}

export const CALM: AlertState = Object.freeze({ firing: false, turningSince: null, toldAt: null });

export interface AlertStep {
  readonly state: AlertState;
  /** What is to be told now. */
  readonly event: AlertEvent | null;
}

/** A state machine with hysteresis: between `backTo` and `above` everything stays as it is. */
export interface AlertTiming extends Pick<AlertRule, "above" | "backTo" | "forMs"> {
  /** How long after it was last told it is told again that it fires. */
  readonly remindMs: number;
}

/** @param value the reading; null where nobody knows it now: that decides nothing, and what is turning begins anew. */
export function nextAlert(
  timing: AlertTiming,
  state: AlertState,
  value: number | null,
  now: number,
): AlertStep {
  const turns = value !== null && (state.firing ? value <= timing.backTo : value > timing.above);
  const turningSince = turns ? (state.turningSince ?? now) : null;
  if (turningSince !== null && now - turningSince >= timing.forMs) {
    return state.firing
      ? { state: CALM, event: "resolved" }
      : { state: { firing: true, turningSince: null, toldAt: now }, event: "firing" };
  }
  // What nobody knows is not told.
  if (state.toldAt !== null && value !== null && now - state.toldAt >= timing.remindMs) {
    return { state: { firing: true, turningSince, toldAt: now }, event: "reminder" };
  }
  return { state: { ...state, turningSince }, event: null };
}
