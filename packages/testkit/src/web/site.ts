import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, text } from "./answers.ts";
import { pause } from "./pause.ts";

/**
 * A page that decides when it is asked. One that returns no answer has taken the response over and does with it
 * what it likes: endless bodies, half a header, silence.
 */
export type Responder = (
  request: IncomingMessage,
  response: ServerResponse,
) => Answer | undefined | Promise<Answer | undefined>;

export type Page = Answer | Responder;

/** One virtual host. Its pages are looked up at each request, so a test may change them while the site runs. */
export interface Site {
  /** By path with query, else by path alone. */
  readonly pages: Record<string, Page>;
  /** For every other path; 404 by default. */
  readonly otherwise?: Page;
}

const NOT_FOUND: Answer = text("no such page\n", 404);

/** Answers one request to a site. */
export async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = findPage(site, request.url ?? "/");
  try {
    const answer = typeof page === "function" ? await page(request, response) : page;
    if (answer !== undefined) await send(answer, response);
  } catch (error) {
    fail(error, response);
  }
}

function findPage(site: Site, path: string): Page {
  return site.pages[path] ?? site.pages[path.replace(/\?.*$/, "")] ?? site.otherwise ?? NOT_FOUND;
}

/** Sends an answer when its time has come, unless the client has left. */
export async function send(answer: Answer, response: ServerResponse): Promise<void> {
  if (!(await pause(answer.delayMs ?? 0, response))) return;
  response.statusCode = answer.status ?? 200;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  // Head and body in one call: Node then knows the length and sends Content-Length instead of chunks.
  response.end(answer.body);
}

/** A page that throws is a fault of the test; the answer shows it where the test will look. */
function fail(error: unknown, response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "content-type": "text/plain" }).end(`the page's code threw: ${error}\n`);
}
