import { type Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { WholeAnswer } from "./edge-cache.ts";

export interface OriginAddress {
  readonly port: number;
  readonly agent: Agent;
}

/** Headers of one connection, which a proxy must not pass on (RFC 9110 section 7.6.1), and the date it writes itself. */
const HOP_HEADERS: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);

/**
 * Passes a request on to the origin and resolves to its whole answer. It breaks off when the visitor leaves, so that
 * an answer nobody waited for is not made, and not kept.
 */
export function askOrigin(
  visitor: IncomingMessage,
  response: ServerResponse,
  { port, agent }: OriginAddress,
): Promise<WholeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
  const { method, url: path } = visitor;
  const request = httpRequest({ host: "127.0.0.1", port, agent, method, path });
  request.once("response", (answer) => void whole(answer).then(resolve, reject));
  request.once("error", reject).end();
  response.once("close", () => {
    if (!response.writableFinished) request.destroy();
  });
  return promise;
}

async function whole(answer: IncomingMessage): Promise<WholeAnswer> {
  return { status: answer.statusCode ?? 0, headers: passedOn(answer), body: await buffer(answer) };
}

function passedOn(answer: IncomingMessage): WholeAnswer["headers"] {
  const headers = Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name));
  return Object.fromEntries(headers) as Record<string, string | string[]>;
}
