import type { AnswerHeaders } from "@bee/core";

/** What is known of an answer before its body. */
export interface AnswerHead {
  readonly url: URL;
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** From the last byte of the request to the first of the answer; null when it could not be measured. */
  readonly ttfbMs: number | null;
}

export interface HttpAnswer extends AnswerHead {
  /** Bytes of the body as they came over the wire. */
  readonly bytes: number;
  /** Whether reading stopped at a cap: the body was longer. */
  readonly truncated: boolean;
}

/**
 * Reads a decoded body. It may return early, and it holds the transfer back while it waits; it throws what the
 * decoding throws unless it catches that. Whatever it leaves is drained undecoded, or dropped.
 */
export type BodyReader = (body: AsyncIterable<Buffer>) => Promise<void>;

export interface GetOptions {
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes on the wire after which reading stops; by default the client's. */
  readonly maxBytes?: number | undefined;
  /** Chooses by the head whether and how the body is read; null, like no reader, drains and counts it. */
  readonly reader?: ((head: AnswerHead) => BodyReader | null) | undefined;
  /**
   * Drops the connection when the reader leaves early. Without it the rest is drained, because a cache keeps complete
   * bodies only.
   */
  readonly dropRest?: boolean | undefined;
}

/** One GET of one URL, without redirects: what a client offers, and what a gate wraps around it. */
export type Get = (url: URL, options?: GetOptions) => Promise<HttpAnswer>;

export interface PostOptions {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** One POST to one URL, without redirects: only for receivers who asked to be told. */
export type Post = (url: URL, options: PostOptions) => Promise<HttpAnswer>;
