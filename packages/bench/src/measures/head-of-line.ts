import { DEFAULT_RULE, type RateRule } from "@bee/core";
import { html, type Site, sitemapOf, startWeb, text, type Web } from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";
import { until } from "../harness/until.ts";

const PAGES = 50;
const ANSWER_MS = 100;
const HUGE_PAGES = 100_000;
/** A slow site: it thinks for seconds, and its rule is that of the slowest platform. */
const SLOW_ANSWER_MS = 3_000;
const SLOW_RULE: RateRule = { requestsPerSecond: 2, burst: 5, concurrency: 2 };
const DEAD_DOMAINS = 200;
const DEAD_PAGES = 10;
const SHARED_PAGES = 60;
const TURNS = 35;
/** What the first job had in the queues when the second came, and the gate lets through in an order of its own. */
const IN_THE_WINDOW = 10;
const SITES = ["warm-up.test", "alone.test", "behind-huge.test", "behind-dead.test"];

/** Neither a huge job, nor dead domains, nor another job of the same domain holds a small job up. */
export const measure: Measure = {
  about: "a 50-page job takes at most 1.2x its time alone behind 100,000 pages, and behind 200 dead domains",
  async run(say) {
    const web = await startWeb({ hosts: sites() });
    const fleet = await startFleet();
    const time = (host: string) => timeOf(fleet, web, host, say);
    try {
      // Each worker's first visits compile its code and open its connections.
      await time("warm-up.test");
      const alone = await time("alone.test");
      await fleet.seed({
        url: web.url("huge.test"),
        rule: SLOW_RULE,
        tier: "normal",
        paths: paths(HUGE_PAGES),
      });
      const behindHuge = await time("behind-huge.test");
      for (const host of dead()) {
        await fleet.seed({
          url: web.url(host),
          rule: DEFAULT_RULE,
          tier: "normal",
          paths: paths(DEAD_PAGES),
        });
      }
      const behindDead = await time("behind-dead.test");
      return [
        ratio(`behind ${HUGE_PAGES} pages of a slow domain`, behindHuge, alone),
        ratio(`behind ${DEAD_DOMAINS} domains that never answer`, behindDead, alone),
        ...(await sharedDomain(fleet, web)),
      ];
    } finally {
      await fleet.stop();
      await web.stop();
    }
  },
};

function ratio(what: string, got: number, alone: number): Figure {
  return {
    what: `${what}: time of ${PAGES} pages over their time alone`,
    got: got / alone,
    unit: "",
    must: { atMost: 1.2 },
  };
}

async function timeOf(
  fleet: BenchFleet,
  web: Web,
  host: string,
  say: (line: string) => void,
): Promise<number> {
  const from = performance.now();
  const id = await fleet.submit({ url: web.url(host), maxPages: PAGES }, DEFAULT_RULE);
  const { counts } = await fleet.ended(id);
  const seconds = (performance.now() - from) / 1_000;
  if (counts.succeeded !== PAGES)
    throw new Error(`expected ${PAGES} pages of ${host}, got ${JSON.stringify(counts)}`);
  say(`${host}: ${seconds.toFixed(1)} s`);
  return seconds;
}

/** Two jobs of one domain: equal tiers take turns, and a higher tier goes first. */
async function sharedDomain(fleet: BenchFleet, web: Web): Promise<Figure[]> {
  const seed = (tier: "high" | "normal", job: string) =>
    fleet.seed({
      url: web.url("shared.test"),
      rule: DEFAULT_RULE,
      tier,
      paths: paths(SHARED_PAGES).map((path) => `/${job}${path}`),
    });
  /** The jobs of the pages asked for so far, in the order of arrival. */
  const asked = () =>
    web
      .logOf("shared.test")
      .entries.filter(({ path }) => path !== "/robots.txt")
      .map(({ path }) => path.split("/")[1]!);
  const count = (job: string, of: readonly string[]) => of.filter((one) => one === job).length;

  const jobs = [await seed("normal", "first")];
  await until("the first job's burst to be over", () => (asked().length > 10 ? true : undefined));
  jobs.push(await seed("normal", "second"));
  await until("turns", () => (count("second", asked()) > TURNS ? true : undefined));
  const turns = asked().slice(asked().indexOf("second") + IN_THE_WINDOW);

  const before = asked().length;
  jobs.push(await seed("high", "urgent"));
  await Promise.all(jobs.map((job) => fleet.ended(job)));
  const overtaken = asked().slice(before, asked().lastIndexOf("urgent"));
  return [
    {
      what: "two jobs of a domain: pages of the one over those of the other",
      got: evenness(count("first", turns), count("second", turns)),
      unit: "",
      must: { atLeast: 0.9 },
    },
    {
      what: `pages of a lower tier before the last of ${SHARED_PAGES} of a higher one`,
      got: overtaken.length - count("urgent", overtaken),
      unit: "",
      // The domain's window: those were released already.
      must: { atMost: 5 },
    },
  ];
}

/** 1 when both are equal, 0 when one has nothing. */
const evenness = (a: number, b: number) => Math.min(a, b) / Math.max(a, b);

function sites(): Record<string, Site> {
  const robots = text("", 404);
  const answering = (delayMs: number): Site => ({
    pages: { "/robots.txt": robots },
    otherwise: { ...html("page"), delayMs },
  });
  const silent: Site = { pages: {}, otherwise: () => undefined };
  return {
    ...Object.fromEntries(SITES.map((host) => [host, withSitemap(host)])),
    "huge.test": answering(SLOW_ANSWER_MS),
    "shared.test": answering(ANSWER_MS),
    ...Object.fromEntries(dead().map((host) => [host, silent])),
  };
}

function withSitemap(host: string): Site {
  return {
    pages: {
      "/robots.txt": text("", 404),
      "/sitemap.xml": ({ headers }) =>
        sitemapOf(paths(PAGES).map((path) => `http://${headers.host ?? host}${path}`)),
    },
    otherwise: { ...html("page"), delayMs: ANSWER_MS },
  };
}

const paths = (count: number) => Array.from({ length: count }, (_, i) => `/${i}`);
const dead = () => Array.from({ length: DEAD_DOMAINS }, (_, i) => `dead-${i}.test`);
