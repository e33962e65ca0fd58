import type { ReadablePage } from "../page.ts";
import { type Article, GUIDES, JOURNAL } from "./articles.ts";
import { BEDS, type Bed, type Plant } from "./plants.ts";

const SLOW_GUIDE = "/guides/planting-calendar";

function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll("'", "")
    .replace(/[^a-z0-9]+/g, "-");
}

function bedPath(bed: Bed): string {
  return `/plants/${bed.slug}/`;
}

function plantPath(bed: Bed, [name]: Plant): string {
  return bedPath(bed) + slug(name);
}

/** The item after the one at an index; after the last comes the first. */
function nextOf<T>(items: readonly T[], index: number): T {
  return items[(index + 1) % items.length]!;
}

function bedPage(bed: Bed): ReadablePage {
  const links = bed.plants.map((plant) => plantPath(bed, plant));
  return { path: bedPath(bed), sitemap: "plants", kind: "plain", title: bed.title, text: bed.text, links };
}

function plantPages(bed: Bed): ReadablePage[] {
  return bed.plants.map((plant, index) => {
    const [name, botanical, metres, season] = plant;
    const text = `${botanical}. Height: ${metres} m. Flowers: ${season}.`;
    const links = [bedPath(bed), plantPath(bed, nextOf(bed.plants, index))];
    return { path: plantPath(bed, plant), sitemap: "plants", kind: "plain", title: name, text, links };
  });
}

/** Articles under a folder, each linking to its index and to the next one. */
function articlePages(folder: string, articles: readonly Article[]): ReadablePage[] {
  const paths = articles.map(([title]) => folder + slug(title));
  return articles.map(([title, text], index) => {
    const path = paths[index]!;
    const kind = path === SLOW_GUIDE ? "slow" : "plain";
    return { path, sitemap: "journal", kind, title, text, links: [folder, nextOf(paths, index)] };
  });
}

const journal = articlePages("/journal/", JOURNAL);
const guides = articlePages("/guides/", GUIDES);

/** Kept out of the sitemaps: a job has its home page even where no sitemap names it. */
const home: ReadablePage = {
  path: "/",
  sitemap: null,
  kind: "plain",
  title: "Banksia Garden",
  text: "A small nursery for native plants, and for the blue banded bees that come with them.",
  links: ["/plants/", "/journal/the-bees-are-back", "/guides/a-garden-for-blue-banded-bees"],
};

const indexes: readonly ReadablePage[] = [
  {
    path: "/plants/",
    sitemap: "plants",
    kind: "plain",
    title: "Plants",
    text: "Six beds, all grown here from seed and cuttings.",
    links: BEDS.map(bedPath),
  },
  {
    path: "/journal/",
    sitemap: "journal",
    kind: "plain",
    title: "Journal",
    text: "What happened in the garden.",
    links: ["/journal/archive?year=2024&month=9", ...journal.map((page) => page.path)],
  },
  {
    path: "/guides/",
    sitemap: "journal",
    kind: "plain",
    title: "Guides",
    text: "What we are asked most often, written down.",
    links: guides.map((page) => page.path),
  },
];

/** What a visitor of the nursery reads. */
export const GARDEN_PAGES: readonly ReadablePage[] = [
  home,
  ...indexes,
  ...BEDS.flatMap((bed) => [bedPage(bed), ...plantPages(bed)]),
  ...journal,
  ...guides,
];
