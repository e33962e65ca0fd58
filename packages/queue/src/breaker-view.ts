import { type CircuitState, type ClosedReason, circuitStateOf } from "@bee/core";
import type { Redis } from "ioredis";
import { runClosing } from "./closing-scripts.ts";

/** The breaker of a domain, as an operator sees it. */
export interface BreakerView {
  readonly state: CircuitState;
  /** What failed; null while closed. */
  readonly reason: string | null;
  /** In a row. */
  readonly openings: number;
  /** When the next try may be made; null unless open. */
  readonly until: Date | null;
}

/** Reads the breaker of a domain from Redis. */
export async function readBreaker(redis: Redis, domain: string): Promise<BreakerView> {
  const { openings, openMs, failure } = (await runClosing(redis, "read", domain)).news;
  const state = circuitStateOf(openings, openMs);
  return {
    state,
    reason: state === "closed" ? null : failure,
    openings,
    until: state === "open" ? new Date(Date.now() + openMs) : null,
  };
}

/** What failed, or which answer asked for quiet; null where Redis does not know. */
export async function readCause(redis: Redis, domain: string, reason: ClosedReason): Promise<string | null> {
  const { failure, plea } = (await runClosing(redis, "read", domain)).news;
  return (reason === "circuit-open" ? failure : plea) || null;
}
