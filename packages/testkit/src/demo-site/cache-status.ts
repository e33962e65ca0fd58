/**
 * What the edge made of a request:
 * `hit` answered from the cache · `stored` fetched and now in the cache · `miss` fetched but of a kind that the edge
 * does not keep (redirects, errors, HEAD) · `bypass` fetched and forbidden to keep · `error` the origin failed.
 */
export type Verdict = "hit" | "stored" | "miss" | "bypass" | "error";

/** Why the edge went to the origin: it had nothing, what it had was too old, or nothing it has answers the method. */
export type ForwardReason = "uri-miss" | "stale" | "method";

/** The Cache-Status header (RFC 9211) that says a verdict. */
export function cacheStatus(verdict: Verdict, reason: ForwardReason = "uri-miss", detail = ""): string {
  const says: Readonly<Record<Verdict, string>> = {
    hit: "hit",
    stored: `fwd=${reason}; stored`,
    miss: `fwd=${reason}`,
    bypass: `fwd=bypass; detail="${detail}"`,
    error: `fwd=${reason}; detail="${detail}"`,
  };
  return `garden-edge; ${says[verdict]}`;
}
