import { followRedirects, type Trail } from "./follow-redirects.ts";
import type { BodyReader, Get } from "./http-answer.ts";
import { type Push, pullFrom } from "./pull-from.ts";
import type { RobotsVerdict } from "./robots.ts";
import type { SitemapItem } from "./sitemap-item.ts";
import { sitemapItems } from "./sitemap-items.ts";
import { SITEMAP_LIMITS, type SitemapLimits } from "./sitemap-limits.ts";
import { type QueuedSitemap, SitemapQueue } from "./sitemap-queue.ts";

/** A page as a sitemap lists it, unjudged: it may be relative, foreign, or no URL at all. */
export interface SitemapEntry {
  readonly loc: string;
  readonly lastmod: string | null;
  /** URL of the sitemap that lists it. */
  readonly sitemap: string;
}

export interface SitemapWarning {
  readonly sitemap: string;
  /** One sentence for a report. */
  readonly message: string;
  /** Whether there is no such file, which matters only where somebody has named it. */
  readonly missing: boolean;
}

export interface SitemapRequest {
  /** Admits and sends each request; its admission lasts while the file streams. */
  readonly get: Get;
  readonly roots: readonly string[];
  /** The domain whose sitemaps are wanted: an index that robots.txt names may be kept elsewhere, and lists them. */
  readonly domain?: string | undefined;
  readonly limits?: Partial<SitemapLimits> | undefined;
  /**
   * Whether a URL may be fetched by the robots.txt of its host: a sitemap (hop 0) or what one redirects to. One that may
   * not is left out with a warning.
   */
  readonly allowed?: ((url: URL, hop: number) => Promise<RobotsVerdict>) | undefined;
  readonly warn?: ((warning: SitemapWarning) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Entries handed out at once: what one insert takes. */
const BATCH = 1_000;

/**
 * Reads sitemaps, and those that their indexes name, as a stream of batches. A file is parsed while it comes over the wire
 * and waits for the consumer, so memory does not grow with it. What is wrong with a sitemap is a warning; what `get`
 * throws of its own (a closed gate) ends the reading.
 */
export async function* readSitemaps(request: SitemapRequest): AsyncGenerator<SitemapEntry[]> {
  const reading = new SitemapReading(request);
  for (const root of request.roots) reading.queue.add(root, 0, root);
  for (let next = reading.queue.next(); next !== undefined; next = reading.queue.next()) {
    const sitemap = next;
    yield* pullFrom<SitemapEntry[]>((push) => reading.read(sitemap, push));
  }
}

class SitemapReading {
  readonly queue: SitemapQueue;
  readonly #request: SitemapRequest;
  readonly #limits: SitemapLimits;
  #bytesLeft: number;

  constructor(request: SitemapRequest) {
    this.#request = request;
    this.#limits = { ...SITEMAP_LIMITS, ...request.limits };
    this.#bytesLeft = this.#limits.bytes;
    this.queue = new SitemapQueue(this.#limits, request.domain, this.#warn);
  }

  /** Reads one sitemap; pushes its pages in batches and queues its sitemaps. */
  async read(sitemap: QueuedSitemap, push: Push<SitemapEntry[]>): Promise<void> {
    if (this.#bytesLeft <= 0) {
      this.#warn(sitemap.url, `left out: sitemaps of ${this.#limits.bytes} bytes have been read before`);
      return;
    }
    const { get, signal, allowed } = this.#request;
    const options = {
      signal,
      accept: "application/xml,text/xml;q=0.9,text/plain;q=0.8,*/*;q=0.7",
      maxBytes: this.#limits.bytesPerFile,
      dropRest: true,
      reader: ({ status }: { status: number }) => (status === 200 ? this.#reader(sitemap, push) : null),
    };
    const trail = await followRedirects(get, new URL(sitemap.url), options, async (url, hop) => {
      return (await allowed?.(url, hop))?.reason ?? null;
    });
    const problem = problemOf(trail);
    if (problem !== null) this.#warn(sitemap.url, problem, isMissing(trail));
  }

  #reader(sitemap: QueuedSitemap, push: Push<SitemapEntry[]>): BodyReader {
    return async (body) => {
      const batch: SitemapEntry[] = [];
      for await (const items of this.#itemsOf(sitemap, body)) {
        batch.push(...this.#pagesAmong(items, sitemap));
        while (batch.length >= BATCH) {
          const wanted = await push(batch.splice(0, BATCH));
          if (!wanted) return;
        }
      }
      if (batch.length > 0) await push(batch);
    };
  }

  #itemsOf({ url }: QueuedSitemap, body: AsyncIterable<Buffer>) {
    return sitemapItems(body, {
      maxEntries: this.#limits.entriesPerFile,
      maxBytes: Math.min(this.#limits.bytesPerFile, this.#bytesLeft),
      warn: (message) => this.#warn(url, message),
      count: (bytes) => {
        this.#bytesLeft -= bytes;
      },
    });
  }

  #pagesAmong(items: readonly SitemapItem[], { url, depth }: QueuedSitemap): SitemapEntry[] {
    const pages: SitemapEntry[] = [];
    for (const { kind, loc, lastmod } of items) {
      if (kind === "page") pages.push({ loc, lastmod, sitemap: url });
      else this.queue.add(loc, depth + 1, url);
    }
    return pages;
  }

  readonly #warn = (sitemap: string, message: string, missing = false): void => {
    this.#request.warn?.({ sitemap, message, missing });
  };
}

function isMissing(trail: Trail<string>): boolean {
  return trail.type === "answer" && (trail.answer.status === 404 || trail.answer.status === 410);
}

/** Why a sitemap could not be read, or null. That we gave up is no fault of the sitemap, and nobody waits for more. */
function problemOf(trail: Trail<string>): string | null {
  switch (trail.type) {
    case "answer":
      return trail.answer.status === 200 ? null : `expected a sitemap, got status ${trail.answer.status}`;
    case "failure":
      if (trail.error.kind === "aborted") throw trail.error;
      return trail.error.message;
    case "stopped":
      return trail.stop;
    default:
      return `expected a sitemap, got a redirect that leads nowhere (${trail.type} at ${trail.to})`;
  }
}
