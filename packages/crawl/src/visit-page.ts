import { domainOf, mayBeWall, type PageVisit } from "@bee/core";
import { followRedirects, type Trail } from "./follow-redirects.ts";
import type { AnswerHead, BodyReader, HttpAnswer } from "./http-answer.ts";
import type { HttpClient } from "./http-client.ts";
import { LinkFinder, mayHaveLinks } from "./links.ts";
import { type Admit, politeGet } from "./polite-get.ts";
import { readText } from "./read-text.ts";
import type { RobotsVerdict } from "./robots.ts";

export interface VisitRequest {
  readonly client: HttpClient;
  readonly url: string;
  readonly admit: Admit;
  /** The robots.txt rules of the host of `url`. */
  readonly allowed: (url: URL) => Promise<RobotsVerdict>;
  /** Redirects that leave this domain are reported, not followed. */
  readonly domain: string;
  readonly wantLinks?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Of answers that may be a wall, this much is kept to recognise it by. */
const BODY_START = 4_096;

/** Why a hop is not taken. */
type Stop = { readonly why: "off-domain" } | { readonly why: "disallowed"; readonly reason: string };

/**
 * Visits a page: its URL and the redirects that stay on its domain, each hop checked against the robots.txt of its
 * host and admitted by itself. Whatever a server does comes back as a value; what `admit` and `allowed` throw of
 * their own goes to the caller.
 */
export async function visitPage(request: VisitRequest): Promise<PageVisit> {
  const { client, admit, url, signal } = request;
  const reading = new PageReading(request.wantLinks === true);
  const trail = await followRedirects<Stop>(
    politeGet(client, admit),
    new URL(url),
    { signal, reader: (head) => reading.readerFor(head) },
    (hop, count) => stopAt(request, hop, count),
  );
  return visitOf(url, trail, reading);
}

async function stopAt({ domain, allowed }: VisitRequest, url: URL, hop: number): Promise<Stop | null> {
  if (hop > 0 && domainOf(url.hostname) !== domain) return { why: "off-domain" };
  const verdict = await allowed(url);
  return verdict.allowed ? null : { why: "disallowed", reason: verdict.reason ?? "robots.txt says no" };
}

function visitOf(url: string, trail: Trail<Stop>, reading: PageReading): PageVisit {
  const { redirects } = trail;
  switch (trail.type) {
    case "answer": {
      const { bodyStart, links } = reading;
      return { type: "answer", ...seen(trail.answer, redirects), bodyStart, links };
    }
    case "failure":
      return {
        type: "failure",
        error: trail.error,
        status: reading.statusOf(redirects.at(-1) ?? url),
        redirects,
      };
    case "stopped":
      return trail.stop.why === "disallowed"
        ? {
            type: "disallowed",
            hop: trail.answer === null ? null : trail.to,
            reason: trail.stop.reason,
            redirects,
          }
        : { type: "off-domain", to: trail.to, ...seen(trail.answer!, redirects) };
    default:
      return { type: trail.type, to: trail.to, ...seen(trail.answer, redirects) };
  }
}

function seen({ status, headers, ttfbMs, bytes, truncated }: HttpAnswer, redirects: readonly string[]) {
  return { status, headers, ttfbMs, bytes, truncated, redirects };
}

/** What is taken from the body of a page while it is drained. */
class PageReading {
  bodyStart: string | null = null;
  readonly #wantLinks: boolean;
  #finder: LinkFinder | undefined;
  #head: AnswerHead | undefined;

  constructor(wantLinks: boolean) {
    this.#wantLinks = wantLinks;
  }

  get links(): readonly string[] {
    return this.#finder?.links ?? [];
  }

  /** Of an answer that began at `url`; a head from an earlier hop says nothing of it. */
  statusOf(url: string): number | null {
    return this.#head?.url.href === new URL(url).href ? this.#head.status : null;
  }

  readerFor(head: AnswerHead): BodyReader | null {
    this.#head = head;
    const { status, headers, url } = head;
    const suspicious = mayBeWall(status, headers);
    if (!this.#wantLinks || status !== 200 || !mayHaveLinks(headers)) {
      return suspicious ? lenient((body) => this.#keepStart(body)) : null;
    }
    this.#finder = new LinkFinder(url.href);
    const findLinks = this.#finder.reader(headers);
    return lenient(suspicious ? (body) => findLinks(this.#keepingStart(body)) : findLinks);
  }

  /** Passes a body on and keeps its start; what walls are known by is ASCII. */
  async *#keepingStart(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    this.bodyStart = "";
    for await (const chunk of body) {
      this.bodyStart += chunk.toString("latin1", 0, BODY_START - this.bodyStart.length);
      yield chunk;
    }
  }

  async #keepStart(body: AsyncIterable<Buffer>): Promise<void> {
    this.bodyStart = "";
    this.bodyStart = await readText(body, BODY_START);
  }
}

/** A page was visited whether or not we could decode it: a bad coding costs its links, not its outcome. */
function lenient(read: BodyReader): BodyReader {
  return async (body) => {
    await read(body).catch(() => {});
  };
}
