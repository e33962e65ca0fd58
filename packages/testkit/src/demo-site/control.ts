import { createServer, type ServerResponse } from "node:http";
import { close, listen } from "../web/listening.ts";
import type { DemoSite } from "./demo-site.ts";

/** The demo site's back door, for tests that run it as a process of its own. */
export interface Control {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the control server on a port of its own: what it is asked is in no log and can be no page of the site.
 *
 *     GET /log     the edge's log entries        DELETE /log   forget them
 *     POST /purge  empty the edge's cache        GET /expected what a right report says
 */
export async function startControl(site: DemoSite): Promise<Control> {
  const actions: Readonly<Record<string, () => unknown>> = {
    "GET /log": () => site.log.entries,
    "DELETE /log": () => site.log.clear(),
    "POST /purge": () => site.purge(),
    "GET /expected": () => site.expected,
  };
  const server = createServer((request, response) => {
    request.resume();
    const asked = `${request.method} ${request.url}`;
    const action = actions[asked];
    if (action === undefined) reply(response, 404, { expected: Object.keys(actions), got: asked });
    else reply(response, 200, action() ?? {});
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/`, stop: () => close(server) };
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}
