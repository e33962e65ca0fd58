import { sitemapIndexXml, sitemapXml } from "../web/sitemap-xml.ts";
import type { SitemapName } from "./page.ts";
import { DEMO_PAGES } from "./pages.ts";

export const SITEMAP_INDEX = "/sitemap_index.xml";

/** One is plain, one is a gzip file: crawlers meet both. */
export const SITEMAP_FILES: Readonly<Record<SitemapName, string>> = {
  plants: "/sitemap-plants.xml",
  journal: "/sitemap-journal.xml.gz",
};

/** A page that the plants' sitemap lists too: the same URL but for its fragment, so it must count once. */
const LISTED_TWICE = "/plants/lilies/blue-flax-lily#growing";

export function sitemapIndex(baseUrl: string): string {
  return sitemapIndexXml(Object.values(SITEMAP_FILES).map((file) => absolute(file, baseUrl)));
}

export function sitemap(name: SitemapName, baseUrl: string): string {
  const paths = DEMO_PAGES.filter((page) => page.sitemap === name).map((page) => page.path);
  if (name === "journal") paths.push(LISTED_TWICE);
  return sitemapXml(paths.map((path) => absolute(path, baseUrl)));
}

function absolute(path: string, baseUrl: string): string {
  return new URL(path, baseUrl).href;
}
