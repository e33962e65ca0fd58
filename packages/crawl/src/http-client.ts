import { type AllowedNetworks, messageOf } from "@bee/core";
import got, { type Got, type Request } from "got";
import { Exchange } from "./exchange.ts";
import { abortError, FetchError } from "./fetch-error.ts";
import { type GuardedAgents, guardedAgents } from "./guarded-agents.ts";
import type { ResolveOverrides } from "./guarded-lookup.ts";
import type { Get, GetOptions, HttpAnswer, Post } from "./http-answer.ts";
import type { InternalRoute } from "./internal-route.ts";
import { createResolver, type ResolveName } from "./resolve-name.ts";

export interface HttpClientOptions {
  /** `product/version (+contact URL)`. */
  readonly userAgent: string;
  /** Networks that may be reached although they are not public. */
  readonly allowPrivate: AllowedNetworks;
  readonly resolve: ResolveOverrides;
  /** From the start of a request to the last byte of its answer, 30 s. */
  readonly deadlineMs?: number;
  /** Bytes of a body after which reading stops, 10 MiB. */
  readonly maxBodyBytes?: number;
  /** A service of our own that has a name; an override in `resolve` goes before it. */
  readonly internal?: InternalRoute;
  /** Asks for the addresses of a name; by default the system's name servers. */
  readonly resolveName?: ResolveName;
}

/**
 * The only way of this fleet to the web: one request, one hop, no retry, no cookie, bounded in time and memory, and to no
 * address that is not allowed. Rejects with {@link FetchError} alone.
 */
export interface HttpClient {
  readonly get: Get;
  /** Sends a text; what is answered is drained and counted, up to the cap. */
  readonly post: Post;
  /** Gives up what is under way and closes every connection. */
  close(): void;
}

const DEFAULT_DEADLINE_MS = 30_000;
const DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Steps that hang are worth knowing by name before the deadline hides them all behind one. */
const STEP_LIMITS = { lookup: 10_000, connect: 10_000, secureConnect: 10_000, send: 10_000 };

/** The variant that visitors get: what browsers accept of a page, without the codings that this client cannot decode. */
const HEADERS = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-encoding": "gzip, br",
};

export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new GuardedClient(options);
}

class GuardedClient implements HttpClient {
  readonly #agents: GuardedAgents;
  readonly #got: Got;
  readonly #deadlineMs: number;
  readonly #maxBodyBytes: number;
  readonly #underWay = new Set<Exchange>();
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    this.#maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    const { resolve, internal, resolveName = createResolver() } = options;
    const isOverridden = resolve.some(([host]) => host === internal?.host);
    this.#agents = guardedAgents({ ...options, resolveName, internal: isOverridden ? undefined : internal });
    this.#got = configuredGot(options.userAgent, this.#agents, this.#deadlineMs);
  }

  readonly get: Get = (url, options = {}) => this.#exchange(url, options, () => this.#open(url, options));

  readonly post: Post = (url, { body, headers, signal }) =>
    this.#exchange(url, { signal }, () => this.#got.stream.post(url, { body, headers }));

  async #exchange(url: URL, options: GetOptions, open: () => Request): Promise<HttpAnswer> {
    this.#refuse(url, options);
    const exchange = new Exchange(open(), url, options, {
      deadlineMs: this.#deadlineMs,
      maxBytes: options.maxBytes ?? this.#maxBodyBytes,
    });
    this.#underWay.add(exchange);
    try {
      return await exchange.answer;
    } finally {
      this.#underWay.delete(exchange);
    }
  }

  close(): void {
    this.#closed = true;
    for (const exchange of this.#underWay) exchange.abort("the client is closed");
    this.#agents.destroy();
  }

  #open(url: URL, { accept }: GetOptions) {
    // Without options got skips merging them: most requests go this way.
    return accept === undefined ? this.#got.stream(url) : this.#got.stream(url, { headers: { accept } });
  }

  #refuse(url: URL, { signal }: GetOptions): void {
    if (this.#closed) throw abortError(url, "the client is closed");
    if (signal?.aborted) throw abortError(url, messageOf(signal.reason));
    // got would send the user name and password of a URL as Basic authentication.
    if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
      throw new FetchError("protocol", `expected an http(s) URL without credentials, got ${url.protocol}`);
    }
  }
}

function configuredGot(userAgent: string, agents: GuardedAgents, deadlineMs: number): Got {
  const step = (ms: number) => Math.min(ms, deadlineMs);
  return got.extend({
    headers: { ...HEADERS, "user-agent": userAgent },
    agent: { http: agents.http, https: agents.https },
    // Whatever got would do by itself would be a request that no gate has counted.
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // A cache is warmed by bytes; who wants text decodes it, counted (49 KB of gzip can be 50 MB of text).
    decompress: false,
    // got's HTTP/2 brings sockets of its own, past the guarded agents.
    http2: false,
    timeout: {
      lookup: step(STEP_LIMITS.lookup),
      connect: step(STEP_LIMITS.connect),
      secureConnect: step(STEP_LIMITS.secureConnect),
      send: step(STEP_LIMITS.send),
      response: deadlineMs,
      read: deadlineMs,
      request: deadlineMs,
    },
  });
}
