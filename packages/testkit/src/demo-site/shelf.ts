import { gzipSync } from "node:zlib";
import { STYLESHEET, STYLESHEET_PATH, SYMBOL, SYMBOL_PATH } from "./assets.ts";
import { renderPage } from "./layout.ts";
import type { DemoPage, Moved, Readable, ReadablePage } from "./page.ts";
import { DEMO_PAGES } from "./pages.ts";
import { robotsTxt } from "./robots.ts";
import { SITEMAP_FILES, SITEMAP_INDEX, sitemap, sitemapIndex } from "./sitemaps.ts";

/** What the origin answers at one path. */
export interface OriginAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Whether the origin takes its time over it. */
  readonly slow?: true;
}

/** Everything the origin answers, by path. Whatever is not here is a 404, the stale entries of sitemaps too. */
export type Shelf = ReadonlyMap<string, OriginAnswer>;

const HTML = "text/html; charset=utf-8";

export function fillShelf(baseUrl: string): Shelf {
  return new Map<string, OriginAnswer>([
    ["/robots.txt", cacheable("text/plain; charset=utf-8", robotsTxt(baseUrl))],
    [SITEMAP_INDEX, cacheable("application/xml", sitemapIndex(baseUrl))],
    [SITEMAP_FILES.plants, cacheable("application/xml", sitemap("plants", baseUrl))],
    [SITEMAP_FILES.journal, cacheable("application/gzip", gzipSync(sitemap("journal", baseUrl)))],
    [STYLESHEET_PATH, cacheable("text/css; charset=utf-8", STYLESHEET)],
    [SYMBOL_PATH, cacheable("image/svg+xml", SYMBOL)],
    ...DEMO_PAGES.filter((page) => page.kind !== "gone").map(
      (page) => [page.path, answerOf(page, baseUrl)] as const,
    ),
  ]);
}

function answerOf(page: Exclude<DemoPage, { kind: "gone" }>, baseUrl: string): OriginAnswer {
  if (page.kind === "moved") return redirect(page, baseUrl);
  return READABLE[page.kind](page);
}

const READABLE: Readonly<Record<Readable["kind"], (page: ReadablePage) => OriginAnswer>> = {
  plain: (page) => cacheable(HTML, renderPage(page)),
  slow: (page) => ({ ...cacheable(HTML, renderPage(page)), slow: true }),
  personal: (page) => ({
    status: 200,
    headers: {
      "content-type": HTML,
      "cache-control": "private, no-store",
      "set-cookie": "visitor=welcome; Path=/; HttpOnly; SameSite=Lax",
    },
    body: renderPage(page),
  }),
};

function cacheable(type: string, body: string | Buffer): OriginAnswer {
  return { status: 200, headers: { "content-type": type, "cache-control": "public, max-age=3600" }, body };
}

/** Permanent moves answer with a path, temporary ones with a whole URL: both are common, both are valid. */
function redirect({ status, to }: Moved, baseUrl: string): OriginAnswer {
  const location = status === 301 ? to : new URL(to, baseUrl).href;
  return { status, headers: { location }, body: "" };
}
