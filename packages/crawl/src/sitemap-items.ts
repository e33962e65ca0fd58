import { FetchError } from "./fetch-error.ts";
import { gunzipIfZipped } from "./gunzip.ts";
import { decodeText } from "./read-text.ts";
import type { SitemapItem, SitemapParser } from "./sitemap-item.ts";
import { TextSitemap } from "./sitemap-text.ts";
import { XmlSitemap } from "./sitemap-xml.ts";

export interface ItemOptions {
  readonly maxEntries: number;
  /** Unpacked bytes. */
  readonly maxBytes: number;
  /** Hears what is wrong with the file, in one sentence each. */
  readonly warn: (message: string) => void;
  /** Hears of the unpacked bytes as they are read. */
  readonly count?: (bytes: number) => void;
}

/**
 * The items of one sitemap, in the portions in which its body streams by: XML or text, packed or not. Memory holds one
 * portion. A bad file ends early with a warning, and what it listed until there counts; only a failing transfer throws.
 */
export async function* sitemapItems(
  body: AsyncIterable<Buffer>,
  options: ItemOptions,
): AsyncGenerator<readonly SitemapItem[]> {
  const { maxEntries, warn } = options;
  let parser: SitemapParser | undefined;
  let left = maxEntries;
  const portion = () => {
    const items = parser?.take().slice(0, left + 1) ?? [];
    left -= items.length;
    return left < 0 ? items.slice(0, -1) : items;
  };
  try {
    for await (const text of decodeText(limited(gunzipIfZipped(body), options))) {
      parser ??= parserFor(text);
      parser?.write(text);
      yield portion();
      if (left < 0) {
        warn(`expected at most ${maxEntries} entries, got more: the rest is left out`);
        return;
      }
    }
    parser?.end();
    yield portion();
    for (const problem of parser?.problems() ?? ["expected a sitemap, got an empty file"]) warn(problem);
  } catch (error) {
    yield portion();
    if (error instanceof FetchError) throw error;
    warn(problemOf(error as NodeJS.ErrnoException));
  }
}

/** What unpacks a body says in its own words what it met. */
function problemOf({ code, message }: NodeJS.ErrnoException): string {
  return code?.startsWith("Z_") ? `expected a body in the coding that it claims, got: ${message}` : message;
}

async function* limited(chunks: AsyncIterable<Buffer>, { maxBytes, warn, count }: ItemOptions) {
  let read = 0;
  for await (const chunk of chunks) {
    read += chunk.length;
    count?.(chunk.length);
    yield chunk;
    if (read > maxBytes) {
      warn(`expected at most ${maxBytes} bytes, got more: the rest is left out`);
      return;
    }
  }
}

/** XML begins with `<`; a piece of nothing but space does not decide it yet. */
function parserFor(text: string): SitemapParser | undefined {
  const start = text.trimStart();
  if (start === "") return undefined;
  return start.startsWith("<") ? new XmlSitemap() : new TextSitemap();
}
