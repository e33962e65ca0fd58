import { headerOf, parseRetryAfter, signWebhook, WEBHOOK_DEADLINE_MS } from "@bee/core";
import { createHttpClient, FetchError, type HttpClient, type HttpClientOptions } from "@bee/crawl";

/** One try to tell a receiver something. */
export interface Message {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly secret: string;
}

/** What became of a try: taken, not taken, or given up by us. */
export type Verdict =
  | { readonly type: "taken"; readonly status: number }
  | {
      readonly type: "refused";
      readonly status: number | null;
      readonly failure: string;
      /** The pause that it asked for, in milliseconds. */
      readonly askedMs: number | null;
    }
  | { readonly type: "aborted" };

/** What a receiver answers is not for us; it is read for the connection's sake, to this much. */
const MOST_ANSWERED_BYTES = 64 * 1024;

/** The client for receivers: users chose their addresses, so the sockets reach what pages may be fetched from, and nothing else. */
export function createWebhookClient(
  options: Pick<HttpClientOptions, "userAgent" | "allowPrivate" | "resolve">,
): HttpClient {
  return createHttpClient({
    ...options,
    deadlineMs: WEBHOOK_DEADLINE_MS,
    maxBodyBytes: MOST_ANSWERED_BYTES,
  });
}

/** A signed POST (Standard Webhooks). A redirect is not followed: where it leads, somebody else has chosen. */
export async function deliver(
  client: HttpClient,
  { id, url, body, secret }: Message,
  signal: AbortSignal,
): Promise<Verdict> {
  const timestamp = Math.floor(Date.now() / 1_000);
  const headers = {
    accept: "*/*",
    "content-type": "application/json",
    ...signWebhook(secret, { id, timestamp, body }),
  };
  try {
    const { status, headers: answered } = await client.post(new URL(url), { body, headers, signal });
    if (status >= 200 && status < 300) return { type: "taken", status };
    const askedMs = parseRetryAfter(headerOf(answered, "retry-after"), Date.now());
    return { type: "refused", status, failure: `answered ${status}`, askedMs };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.kind === "aborted") return { type: "aborted" };
    return { type: "refused", status: null, failure: error.message, askedMs: null };
  }
}
