import { type Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly agent?: Agent;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Complete: an answer that breaks off is an error. */
  readonly body: Buffer;
}

/**
 * Sends one request to the loopback address, whatever host the URL names, and reads the whole answer. Follows no
 * redirect and decodes nothing: it shows what the server said.
 */
export function ask(address: string | URL, options: AskOptions = {}): Promise<Reply> {
  const url = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const request = httpRequest({
    ...options,
    hostname: "127.0.0.1",
    port: url.port,
    path: url.pathname + url.search,
    headers: { host: url.host, ...options.headers },
  });
  request.once("response", (answer) => {
    const { statusCode: status = 0, headers } = answer;
    buffer(answer).then((body) => resolve({ status, headers, body }), reject);
  });
  request.once("error", reject).end();
  return promise;
}
