import type { Response } from "express";

export interface ServerEvent {
  readonly type: string;
  readonly data: unknown;
  /** From where a reader who has seen this event goes on; null: from where it went on before. */
  readonly id: string | null;
}

/** What a reader has not read yet when the next event comes: beyond it, it is dropped, and comes back by itself. */
const MOST_UNREAD = 256 * 1024;

/** A reader whose connection broke comes back after two to four seconds, so that not all come at once. */
const RETRY_MS = 2_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // nginx and its like would keep events back until a buffer is full.
  "x-accel-buffering": "no",
};

/** One open answer of server-sent events. */
export class EventStream {
  readonly key: string;
  readonly #response: Response;
  #closed = false;

  constructor(response: Response, key: string, onClose: () => void) {
    this.key = key;
    this.#response = response;
    const close = () => {
      this.#closed = true;
      onClose();
    };
    // Whoever left while we looked who it is will not leave again.
    if (response.closed) queueMicrotask(close);
    else response.once("close", close);
    // A connection that breaks under a write is one that was left.
    response.on("error", () => {});
    response.set(HEADERS).flushHeaders();
    // Small writes that come seldom: none of them waits for the one before to be acknowledged.
    response.socket?.setNoDelay(true);
    this.#write(`retry: ${RETRY_MS + Math.floor(Math.random() * RETRY_MS)}\n\n`);
  }

  send(event: ServerEvent): void {
    this.write(encodeEvent(event));
  }

  /** Sends what is encoded already: the same text for all who get the same event. */
  write(text: string): void {
    if (this.#closed) return;
    if (this.#response.writableLength > MOST_UNREAD) this.#response.destroy();
    else this.#write(text);
  }

  /** Keeps proxies from taking silence for the end, and learns of readers that are gone. */
  beat(): void {
    this.write(":\n\n");
  }

  end(): void {
    if (!this.#closed) this.#response.end();
  }

  #write(text: string): void {
    this.#response.write(text);
  }
}

/** JSON has no line breaks of its own, so one `data:` line is enough. */
export function encodeEvent({ type, data, id }: ServerEvent): string {
  const position = id === null ? "" : `id: ${id}\n`;
  return `event: ${type}\n${position}data: ${JSON.stringify(data)}\n\n`;
}
