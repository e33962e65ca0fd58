import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Readable, Transform } from "node:stream";
import { type AnswerHeaders, messageOf } from "@bee/core";
import type { Request } from "got";
import { bodyDecoder } from "./body-decoder.ts";
import { abortError, timeoutError, toFetchError, unexpected } from "./fetch-error.ts";
import { hearNoMore } from "./hear-no-more.ts";
import type { AnswerHead, GetOptions, HttpAnswer } from "./http-answer.ts";

export interface ExchangeLimits {
  /** From start to the last byte of the body. */
  readonly deadlineMs: number;
  /** Bytes of the body on the wire. */
  readonly maxBytes: number;
}

/** A redirect is its Location; its body is read so that the connection can be kept, but never waited for. */
const REDIRECT_BODY = { bytes: 64 * 1024, ms: 1_000 };

/** Early hints and the like before an answer; Node parses them for as long as they come. */
const MAX_INTERIM = 100;

/**
 * Bytes that a body may cost on top of a quarter of its own, which is what some 200,000 chunks do. In chunks of one byte,
 * 10 MiB would keep a processor busy for ten seconds; scripts that flush each line have chunks of a hundred.
 */
const MAX_FRAMING = 1024 * 1024;

/**
 * One request and its answer, from the first byte to the last. Every way in which it can end is one call of `#finish`
 * or `#fail`, and both leave nothing behind: no timer, no listener, no open socket that is not clean for reuse.
 */
export class Exchange {
  readonly #url: URL;
  readonly #options: GetOptions;
  readonly #limits: ExchangeLimits;
  readonly #stream: Request;
  readonly #answer = Promise.withResolvers<HttpAnswer>();
  #timer: NodeJS.Timeout;
  #head: AnswerHead | undefined;
  #socket: Socket | undefined;
  /** What the connection had read when the body began. */
  #readBefore = 0;
  #decoder: Transform | undefined;
  #broken: Error | undefined;
  #maxBytes: number;
  #bytes = 0;
  #interim = 0;
  #settled = false;

  constructor(stream: Request, url: URL, options: GetOptions, limits: ExchangeLimits) {
    this.#url = url;
    this.#options = options;
    this.#limits = limits;
    this.#maxBytes = limits.maxBytes;
    this.#stream = stream;
    this.#timer = setTimeout(this.#late, limits.deadlineMs);
    stream.once("request", (request: ClientRequest) => hearNoMore(request));
    stream.once("response", (response: IncomingMessage) => this.#begin(response));
    stream.on("information", () => this.#countInterim());
    stream.once("upgrade", (_: IncomingMessage, socket: Socket) => this.#refuseUpgrade(socket));
    // For good, not once: a destroyed request may still report the reset of its socket.
    stream.on("error", this.#break);
    options.signal?.addEventListener("abort", this.#aborted);
  }

  get answer(): Promise<HttpAnswer> {
    return this.#answer.promise;
  }

  abort(reason: string): void {
    this.#fail(abortError(this.#url, reason));
  }

  #begin({ statusCode, headers, socket }: IncomingMessage): void {
    const status = statusCode ?? 0;
    if (status < 200) {
      this.#fail(unexpected(this.#url, `a last answer of status ${status}`));
      return;
    }
    this.#socket = socket;
    this.#readBefore = socket.bytesRead;
    const ttfbMs = this.#stream.timings?.phases.firstByte ?? null;
    this.#head = { url: this.#url, status, headers: headers as AnswerHeaders, ttfbMs };
    const isRedirect = status >= 300 && status < 400 && status !== 304;
    const read = isRedirect ? null : (this.#options.reader?.(this.#head) ?? null);
    if (isRedirect) this.#drainRedirect();
    else if (read === null) this.#drain();
    else this.#read(read);
  }

  #countInterim(): void {
    if (++this.#interim <= MAX_INTERIM) return;
    this.#fail(unexpected(this.#url, `more than ${MAX_INTERIM} interim answers (1xx)`));
  }

  /** Nobody asked for another protocol. Node has let go of the socket at this point, so closing it is up to us. */
  #refuseUpgrade(socket: Socket): void {
    socket.destroy();
    this.#fail(unexpected(this.#url, "another protocol (101)"));
  }

  #drainRedirect(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(true), REDIRECT_BODY.ms);
    this.#maxBytes = REDIRECT_BODY.bytes;
    this.#drain();
  }

  #drain(): void {
    this.#stream.on("data", this.#count);
    this.#stream.once("end", () => this.#finish(false));
  }

  /** Pipes the body through its decoder to a reader; done when both the wire and the reader are. */
  #read(read: (body: AsyncIterable<Buffer>) => Promise<void>): void {
    // Cut off, a stream closes without an end.
    const ended = new Promise<void>((resolve) => this.#stream.once("end", resolve).once("close", resolve));
    read(this.#decode())
      .then(() => this.#leaveRest(ended))
      .then(
        () =>
          this.#broken === undefined ? this.#finish(!this.#stream.readableEnded) : this.#fail(this.#broken),
        (error) => this.#fail(error),
      );
  }

  #decode(): Transform {
    this.#decoder = bodyDecoder(this.#head!.headers);
    // A reader that has left does not hear of errors any more, and nobody else needs to.
    this.#decoder.on("error", () => {});
    this.#stream.pipe(this.#decoder);
    // After the pipe's own listener: the chunk that reaches the cap still goes through the decoder.
    this.#stream.on("data", this.#count);
    return this.#decoder;
  }

  async #leaveRest(ended: Promise<void>): Promise<void> {
    if (this.#isOverCap || this.#options.dropRest === true) return;
    this.#stream.unpipe(this.#decoder!);
    this.#decoder!.destroy();
    this.#stream.resume();
    await ended;
  }

  readonly #count = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (!this.#isOverCap) return;
    if (this.#decoder === undefined) this.#finish(true);
    else this.#cutOff(this.#decoder);
  };

  /** The wire failed. A reader still gets what came until then: half a sitemap is worth reading. */
  readonly #break = (error: Error): void => {
    if (this.#decoder === undefined || this.#decoder.writableEnded) {
      this.#fail(error);
      return;
    }
    this.#broken = error;
    this.#cutOff(this.#decoder);
  };

  /** The reader finishes on what it was given. */
  #cutOff(decoder: Transform): void {
    this.#stream.off("data", this.#count);
    this.#stream.unpipe(decoder);
    decoder.end();
    destroy(this.#stream);
  }

  get #isOverCap(): boolean {
    return this.#bytes > this.#maxBytes || this.#framing > MAX_FRAMING + this.#bytes / 4;
  }

  get #framing(): number {
    return (this.#socket?.bytesRead ?? 0) - this.#readBefore - this.#bytes;
  }

  readonly #late = (): void => {
    const step = this.#head === undefined ? "an answer" : "a complete answer";
    this.#fail(timeoutError(this.#url, step, this.#limits.deadlineMs / 1_000));
  };

  readonly #aborted = (): void => this.abort(messageOf(this.#options.signal?.reason));

  #finish(truncated: boolean): void {
    if (!this.#settle()) return;
    if (truncated) destroy(this.#stream);
    this.#answer.resolve({ ...this.#head!, bytes: this.#bytes, truncated });
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    const failure = toFetchError(error, this.#url);
    destroy(this.#stream);
    this.#decoder?.destroy(failure);
    this.#answer.reject(failure);
  }

  /** Whether this is the end; false when it has already come. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#aborted);
    return true;
  }
}

function destroy(stream: Readable): void {
  if (!stream.destroyed) stream.destroy();
}
