import type { DemoPage, ReadablePage, SitemapName } from "../page.ts";

type Words = Pick<ReadablePage, "title" | "text">;

function plain(path: string, sitemap: SitemapName | null, words: Words): ReadablePage {
  return { path, sitemap, kind: "plain", ...words, links: [] };
}

function gone(path: string, sitemap: SitemapName): DemoPage {
  return { path, sitemap, kind: "gone" };
}

function moved(path: string, status: 301 | 302, to: string, sitemap: SitemapName | null): DemoPage {
  return { path, sitemap, kind: "moved", status, to };
}

const DISALLOWED: readonly DemoPage[] = [
  {
    ...plain("/checkout/gift-card", "plants", { title: "Gift card", text: "For someone with a trowel." }),
    disallowed: true,
  },
  {
    ...plain("/guides/planting-calendar/print", "journal", { title: "To print", text: "On two sheets." }),
    disallowed: true,
  },
  // For people only: no sitemap lists it and no page links to it, the search form leads there.
  {
    ...plain("/search", null, { title: "Search", text: "Nothing found. Ask at the potting bench." }),
    kind: "personal",
    disallowed: true,
  },
];

/**
 * Sources are in the sitemaps, targets are not and nothing links to them: were a target a page of the job itself,
 * the cache result of its source would depend on which of the two a fleet happened to visit first.
 */
const MOVED: readonly DemoPage[] = [
  moved("/plants/bottlebrush", 301, "/plants/callistemon", "plants"),
  moved("/plants/gum-trees", 301, "/plants/eucalypts", "plants"),
  moved("/offers", 302, "/offers/this-week", "plants"),
  moved("/blog/first-bees", 301, "/news/first-bees", "journal"),
  moved("/news/first-bees", 302, "/stories/first-bees", null),
  plain("/plants/callistemon", null, { title: "Bottlebrush", text: "Callistemon, if you ask a botanist." }),
  plain("/plants/eucalypts", null, { title: "Eucalypts", text: "Small ones only. We like our gutters." }),
  plain("/offers/this-week", null, { title: "This week", text: "Three daisies for the price of two." }),
  plain("/stories/first-bees", null, {
    title: "The first bees",
    text: "They found us before the customers.",
  }),
];

const GONE: readonly DemoPage[] = [
  gone("/plants/waratahs", "plants"),
  gone("/plants/lilies/christmas-bells", "plants"),
  gone("/journal/spring-fair-2019", "journal"),
  gone("/guides/lawn-care", "journal"),
];

/** Linked from the footer of every page but in no sitemap: only a crawl that follows links finds them. */
export const FOOTER_ONLY: readonly ReadablePage[] = [
  plain("/contact", null, { title: "Contact", text: "Shout over the gate, or write." }),
  plain("/opening-hours", null, { title: "Opening hours", text: "Thursday to Sunday, first light to four." }),
  plain("/newsletter", null, { title: "Newsletter", text: "Four letters a year, one for each season." }),
];

/** Everything that makes a crawl interesting, and the pages around it. */
export const ODD_PAGES: readonly DemoPage[] = [
  plain("/about", "plants", { title: "About us", text: "Two gardeners, one ute, many bees." }),
  // Under /checkout/, which robots.txt disallows, but excepted by an Allow rule.
  plain("/checkout/delivery-rates", "plants", {
    title: "Delivery",
    text: "Within a day's drive of the gate.",
  }),
  // Its ampersand is `&amp;` in the sitemap.
  plain("/journal/archive?year=2024&month=9", "journal", {
    title: "September 2024",
    text: "Wind, wattle, and the first bees.",
  }),
  {
    ...plain("/garden-club", "plants", {
      title: "Garden club",
      text: "Welcome back. Your next visit is free.",
    }),
    kind: "personal",
  },
  ...DISALLOWED,
  ...MOVED,
  ...GONE,
  ...FOOTER_ONLY,
];
