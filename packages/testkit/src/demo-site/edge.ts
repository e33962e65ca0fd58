import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { OpenEntry, RequestLog } from "../web/request-log.ts";
import { askOrigin } from "./ask-origin.ts";
import { cacheStatus, type ForwardReason, type Verdict } from "./cache-status.ts";
import { type EdgeCache, type Fresh, type Lookup, permittedSeconds, type WholeAnswer } from "./edge-cache.ts";

export interface EdgeOptions {
  readonly originPort: number;
  readonly cache: EdgeCache;
  readonly log: RequestLog;
}

/** What the edge sends, and why it had what it sends. */
interface Served {
  readonly answer: WholeAnswer;
  readonly verdict: Verdict;
  readonly cacheStatus: string;
  readonly ageSeconds: number;
}

/** The CDN in front of the origin: one point of presence with one cache, which knows no hosts but one site. */
export function createEdge({ originPort, cache, log }: EdgeOptions): Server {
  // Its connections end when the origin stops.
  const agent = new Agent({ keepAlive: true });
  return createServer((request, response) => {
    const entry = log.watch(request, response);
    request.resume();
    void serve(request, response, entry);
  });

  async function serve(request: IncomingMessage, response: ServerResponse, entry: OpenEntry): Promise<void> {
    const look = cache.look(pathOf(request));
    const served =
      look.found === "fresh" && isRead(request) ? hit(look) : await fromOrigin(request, response, look);
    // The visitor left while the origin was busy: its log entry is closed, and nobody is there to answer.
    if (response.destroyed) return;
    entry.cache = served.verdict;
    send(served, response);
  }

  async function fromOrigin(
    request: IncomingMessage,
    response: ServerResponse,
    look: Lookup,
  ): Promise<Served> {
    const reason = forwardReason(request, look);
    try {
      return keep(request, await askOrigin(request, response, { port: originPort, agent }), reason);
    } catch (error) {
      return badGateway(error, reason);
    }
  }

  /** Keeps an answer where that is permitted. It is whole by now: one that broke off never gets here. */
  function keep(request: IncomingMessage, answer: WholeAnswer, reason: ForwardReason): Served {
    if (request.method !== "GET" || answer.status !== 200) return fetched(answer, "miss", reason);
    const cacheControl = `${answer.headers["cache-control"] ?? ""}`;
    const freshSeconds = permittedSeconds(cacheControl);
    if (freshSeconds === 0) return fetched(answer, "bypass", reason, cacheControl);
    cache.keep(pathOf(request), answer, freshSeconds);
    return fetched(answer, "stored", reason);
  }
}

function forwardReason(request: IncomingMessage, look: Lookup): ForwardReason {
  if (!isRead(request)) return "method";
  return look.found === "stale" ? "stale" : "uri-miss";
}

function hit({ answer, ageSeconds }: Fresh): Served {
  return { answer, verdict: "hit", cacheStatus: cacheStatus("hit"), ageSeconds };
}

function fetched(answer: WholeAnswer, verdict: Verdict, reason: ForwardReason, detail?: string): Served {
  return { answer, verdict, cacheStatus: cacheStatus(verdict, reason, detail), ageSeconds: 0 };
}

function badGateway(error: unknown, reason: ForwardReason): Served {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  const answer = { status: 502, headers, body: Buffer.from("bad gateway\n") };
  return fetched(answer, "error", reason, (error as NodeJS.ErrnoException).code ?? "unknown");
}

function send({ answer, cacheStatus, ageSeconds }: Served, response: ServerResponse): void {
  response.writeHead(answer.status, {
    "content-length": String(answer.body.length),
    ...answer.headers,
    age: String(ageSeconds),
    "cache-status": cacheStatus,
    "x-served-by": "garden-edge-mel1",
  });
  response.end(answer.body);
}

function isRead(request: IncomingMessage): boolean {
  return request.method === "GET" || request.method === "HEAD";
}

function pathOf(request: IncomingMessage): string {
  return request.url ?? "/";
}
