import { GARDEN_PAGES } from "./content/garden-pages.ts";
import { ODD_PAGES } from "./content/odd-pages.ts";
import type { DemoPage } from "./page.ts";

/** The one table of truth: every URL of the demo site except robots.txt, sitemaps and assets. */
export const DEMO_PAGES: readonly DemoPage[] = [...GARDEN_PAGES, ...ODD_PAGES];

const byPath = new Map(DEMO_PAGES.map((page) => [page.path, page]));

/** The page at a path. @throws where there is none: a link, redirect or sitemap entry of the table is misspelt. */
export function pageAt(path: string): DemoPage {
  const page = byPath.get(path);
  if (page === undefined)
    throw new Error(`expected a page of the demo site, got "${path}": add it to the table`);
  return page;
}
