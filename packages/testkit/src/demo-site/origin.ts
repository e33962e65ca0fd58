import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pause } from "../web/pause.ts";
import type { OriginAnswer, Shelf } from "./shelf.ts";

export interface OriginOptions {
  /** Asked at each request: the shelf is filled after the origin listens, once the site's URL is known. */
  readonly shelf: () => Shelf;
  /** How long an ordinary answer takes to make. */
  readonly delayMs: number;
  /** How long the slow page takes. */
  readonly slowMs: number;
}

const NOT_FOUND: OriginAnswer = {
  status: 404,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<!doctype html><title>Not here</title><h1>Nothing grows here</h1>",
};

const METHOD_NOT_ALLOWED: OriginAnswer = { status: 405, headers: { allow: "GET, HEAD" }, body: "" };

/** The web server behind the edge: it makes every page anew, which takes its time. Only the edge talks to it. */
export function createOrigin(options: OriginOptions): Server {
  const server = createServer((request, response) => void answer(request, response, options));
  // The edge keeps connections open; closing an idle one just as the edge uses it again would fail that request.
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: OriginOptions,
): Promise<void> {
  request.resume();
  const found = find(request, options.shelf());
  if (!(await pause(found.slow ? options.slowMs : options.delayMs, response))) return;
  const length = Buffer.byteLength(found.body);
  response.writeHead(found.status, { ...found.headers, "content-length": length }).end(found.body);
}

function find(request: IncomingMessage, shelf: Shelf): OriginAnswer {
  if (request.method !== "GET" && request.method !== "HEAD") return METHOD_NOT_ALLOWED;
  const path = request.url ?? "/";
  return shelf.get(path) ?? shelf.get(path.replace(/\?.*$/, "")) ?? NOT_FOUND;
}
