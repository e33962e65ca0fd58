import type { FetchFailure } from "./page-visit.ts";
import { retryDelay } from "./retry-policy.ts";
import { NOTHING_SEEN, type Settlement } from "./settlement.ts";

/**
 * What to do where no answer came:
 *
 * | kind | because | settlement |
 * |---|---|---|
 * | connect, tls, timeout, protocol | often passes | `retry` after 2 s, then 8 s, then `unreachable` |
 * | dns | a name that does not exist will not in ten seconds | `unreachable` |
 * | address | asking again does not make an address public | `unreachable`, naming the address |
 * | too-large | the same headers come again | `unreachable` |
 * | aborted | we stopped, the page did not fail | `hand-back`, uncounted |
 */
const RETRIED: ReadonlySet<FetchFailure> = new Set(["connect", "tls", "timeout", "protocol"]);

/**
 * @param attempts counted attempts before this one.
 * @param status of an answer that broke off after its head.
 */
export function classifyFailure(
  kind: FetchFailure,
  detail: string,
  attempts: number,
  status: number | null = null,
): Settlement {
  if (kind === "aborted") return { type: "hand-back", delayMs: 0, closed: null, reason: detail };
  const delayMs = RETRIED.has(kind) ? retryDelay(attempts) : null;
  if (delayMs !== null) return { type: "retry", delayMs, reason: detail, status };
  return {
    type: "done",
    outcome: "unreachable",
    cache: "none",
    reason: detail,
    seen: { ...NOTHING_SEEN, status },
  };
}
