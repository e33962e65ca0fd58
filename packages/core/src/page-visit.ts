import type { AnswerHeaders } from "./answer-headers.ts";

/**
 * Why a request got no answer:
 *
 * | kind | what happened |
 * |---|---|
 * | dns | the name does not exist |
 * | address | the name or literal leads to an address that may not be crawled |
 * | connect | no connection: refused, no route, or the name servers did not answer for now |
 * | tls | no trusted, working TLS |
 * | timeout | a step took longer than its limit |
 * | protocol | what came back is not the HTTP that was announced: reset, cut off, wrong length, bad coding |
 * | too-large | the headers exceed what a client can take (bodies are cut off, which is no failure) |
 * | aborted | we gave up: the process stops or the job is cancelled |
 */
export const FETCH_FAILURES = [
  "dns",
  "address",
  "connect",
  "tls",
  "timeout",
  "protocol",
  "too-large",
  "aborted",
] as const;
export type FetchFailure = (typeof FETCH_FAILURES)[number];

/** What answered last, and how the page led there. */
export interface AnswerSeen {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** From the last byte of the request to the first of the answer: what a cache shortens, without connecting. */
  readonly ttfbMs: number | null;
  /** Bytes of the body as they came over the wire. */
  readonly bytes: number;
  /** Whether reading stopped at the cap: the body was longer. */
  readonly truncated: boolean;
  /** Where the page led, hop by hop; the last one answered. */
  readonly redirects: readonly string[];
}

export interface PageAnswer extends AnswerSeen {
  /** Canonical URLs that the page links to, where they were asked for. */
  readonly links: readonly string[];
  /** The first kilobytes of the body, for answers that may be a wall. */
  readonly bodyStart: string | null;
}

/** What one visit met. Everything that a server can do is a value here. */
export type PageVisit =
  | ({ readonly type: "answer" } & PageAnswer)
  /** A redirect to another domain, which has its own gate and its own jobs: not followed. */
  | ({ readonly type: "off-domain"; readonly to: string } & AnswerSeen)
  | ({ readonly type: "redirect-loop"; readonly to: string } & AnswerSeen)
  | ({ readonly type: "too-many-redirects"; readonly to: string } & AnswerSeen)
  /** A Location that is no web URL, such as `file:` or one with a password. */
  | ({ readonly type: "bad-redirect"; readonly to: string } & AnswerSeen)
  /** robots.txt of the page's host, or of a host it redirects to, says no. */
  | {
      readonly type: "disallowed";
      /** The hop that is forbidden; null where it is the page itself. */
      readonly hop: string | null;
      readonly reason: string;
      readonly redirects: readonly string[];
    }
  | {
      readonly type: "failure";
      readonly error: { readonly kind: FetchFailure; readonly message: string };
      /** Of an answer that broke off after its head; null where none began. */
      readonly status: number | null;
      readonly redirects: readonly string[];
    };
