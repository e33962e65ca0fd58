import type { IncomingMessage, ServerResponse } from "node:http";
import { hostNameOf } from "./host-name.ts";

/** One request as the server saw it. */
export interface RequestEntry {
  /** When the head of the request was read, in monotonic milliseconds. */
  readonly startedAt: number;
  /** When the answer was handed over or the connection closed; null while the request is open. */
  readonly endedAt: number | null;
  readonly method: string;
  /** The host asked for, in lower case, without port. */
  readonly host: string;
  /** The path with its query, as it was sent. */
  readonly path: string;
  readonly userAgent: string;
  /** Null while the request is open, and where the client left before an answer began. */
  readonly status: number | null;
  /** What the cache in front made of it (`hit`, `stored`, …); null where there is no cache. */
  readonly cache: string | null;
  /** How many requests were open when this one started, itself included. */
  readonly open: number;
}

/** The entry while its request is open. */
export type OpenEntry = { -readonly [K in keyof RequestEntry]: RequestEntry[K] };

export interface RequestLogOptions {
  readonly now?: (() => number) | undefined;
  /** Called with each entry once its request has ended. */
  readonly onEnd?: ((entry: RequestEntry) => void) | undefined;
}

/**
 * What a server was asked, in the order of arrival. It is the server's word against the client's: promises about
 * politeness are checked here, because a fleet cannot witness for itself. It keeps everything until `clear()`.
 */
export class RequestLog {
  readonly #now: () => number;
  readonly #onEnd: (entry: RequestEntry) => void;
  #entries: RequestEntry[] = [];
  #open = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: RequestLogOptions = {}) {
    this.#now = options.now ?? monotonicMs;
    this.#onEnd = options.onEnd ?? (() => {});
  }

  /** All entries so far, those of open requests included. */
  get entries(): readonly RequestEntry[] {
    return this.#entries;
  }

  /** Forgets all entries. Requests that are open stay counted as open. */
  clear(): void {
    this.#entries = [];
  }

  /**
   * Resolves once no request is open. A client may have its answer a moment before the server notices that it has
   * handed it over; who reads `endedAt` or `status` waits for this first.
   */
  idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Records a request from now until its answer is finished or its connection closed. */
  watch(request: IncomingMessage, response: ServerResponse): OpenEntry {
    this.#open += 1;
    const entry = openEntry(request, this.#now(), this.#open);
    this.#entries.push(entry);
    // "close" comes in both cases; "finish" would leave a request that the client gave up open for ever.
    response.once("close", () => this.#end(entry, response));
    return entry;
  }

  #end(entry: OpenEntry, response: ServerResponse): void {
    this.#open -= 1;
    entry.endedAt = this.#now();
    entry.status = response.headersSent ? response.statusCode : null;
    this.#onEnd(entry);
    if (this.#open === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function openEntry(request: IncomingMessage, startedAt: number, open: number): OpenEntry {
  return {
    startedAt,
    endedAt: null,
    method: request.method ?? "",
    host: hostNameOf(request),
    path: request.url ?? "",
    userAgent: request.headers["user-agent"] ?? "",
    status: null,
    cache: null,
    open,
  };
}

/** The machine's monotonic clock, not the process's, so that logs of several processes share one time line. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
