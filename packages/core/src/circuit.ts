/** When the circuit of a domain opens, for how long, and when the domain is given up. */
export interface CircuitRule {
  /** Failures without an answer between them that open it, counted over the whole fleet. */
  readonly failures: number;
  /** How long it stays open the first time; each opening in a row doubles that. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** After so many openings in a row what is left to do for the domain ends as unreachable. */
  readonly openings: number;
}

/** Five openings are 7.5 minutes in which nothing worked: longer than a deployment, shorter than a night. */
export const CIRCUIT_RULE: CircuitRule = Object.freeze({
  failures: 5,
  firstMs: 30_000,
  longestMs: 1_800_000,
  openings: 5,
});

/** How long the circuit stays open when it opens for the n-th time in a row, from 1. */
export function openMsOf(opening: number, { firstMs, longestMs }: CircuitRule): number {
  return Math.min(firstMs * 2 ** (opening - 1), longestMs);
}

/** `half-open`: one request in the whole fleet may try whether the domain is back. */
export type CircuitState = "closed" | "open" | "half-open";

/**
 * @param openings in a row; none when the last request was answered.
 * @param openForMs until the next try.
 */
export function circuitStateOf(openings: number, openForMs: number): CircuitState {
  if (openings === 0) return "closed";
  return openForMs > 0 ? "open" : "half-open";
}
