import type { Get, HttpAnswer } from "./http-answer.ts";
import type { HttpClient } from "./http-client.ts";

/**
 * What a request must pass before it may be sent: the gate and the breaker of its domain. It calls `request` once,
 * when it may start, and resolves or rejects as that does; when it may not start, it rejects with an error of its own.
 */
export type Admit = (url: URL, request: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** The client's GET, every one of them admitted. The admission lasts until the body has been read. */
export function politeGet(client: HttpClient, admit: Admit): Get {
  return (url, options) => admit(url, () => client.get(url, options));
}
