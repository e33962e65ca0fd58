import type { AlertNotice } from "@bee/core";

/** One try to tell somebody something. */
export interface Delivery {
  /** The same at each try, so that a receiver can tell that it has it already. */
  readonly id: string;
  readonly notice: AlertNotice;
}

/** Resolves when it was taken; rejects with an error that says what came in place of that, or soon after the signal. */
export type Channel = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

/** A receiver that takes longer than this has not taken it. */
export const DELIVERY_MS = 10_000;
