import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RateRule } from "@bee/core";
import { getJob, releaseDomain } from "@bee/store";
import {
  gzipFile,
  html,
  monotonicMs,
  robotsTxt,
  type Site,
  sitemapIndexOf,
  sitemapOf,
  startWeb,
  type Web,
} from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";

interface Extent {
  readonly host: string;
  readonly urls: number;
}

/** The founding plan's largest site, and one that a worker has digested before it is measured. */
const LARGE: Extent = { host: "large.test", urls: 100_000 };
const SMALL: Extent = { host: "small.test", urls: 20_000 };
/** What sitemaps.org allows in one file. */
const PER_SITEMAP = 50_000;
/** Fast enough that no sitemap waits for its turn, slow enough that visits do not take the worker's time. */
const RULE: RateRule = { requestsPerSecond: 20, burst: 100, concurrency: 20 };
const POLL_MS = 25;
/** V8's young generation grows with use to some 100 MiB, whatever is read: a worker's first megabytes say nothing. */
const WARM_UPS = 4;

/** The entries of 80,000 pages alone would be 40 MiB, and the files half as much again. */
const MAX_GROWTH_MIB = 48;
/** A batch holds the domain for so long; settling visits wait behind it, so it may not be much. */
const MAX_WAIT_MS = 100;

export const measure: Measure = {
  about: "a sitemap index of 100,000 URLs on its way into the frontier, by one worker",
  async run(say) {
    const directory = await mkdtemp(join(tmpdir(), "bee-expansion-"));
    const rules = join(directory, "rules.json");
    await writeFile(rules, JSON.stringify({ default: RULE }));
    const sites = [SMALL, LARGE].map((extent) => ({ extent, pages: {} as Site["pages"] }));
    const web = await startWeb({
      hosts: Object.fromEntries(
        sites.map(({ extent, pages }) => [extent.host, { pages, otherwise: html("a page") }]),
      ),
    });
    for (const { extent, pages } of sites) Object.assign(pages, layOut(web, extent));
    const fleet = await startFleet({ workers: 1, environment: { BEE_RULES: rules } });
    try {
      const bench = { fleet, web, say };
      let small = await expand(bench, SMALL);
      for (let i = 1; i < WARM_UPS; i++) small = await expand(bench, SMALL);
      const large = await expand(bench, LARGE);
      return figures(small, large);
    } finally {
      await fleet.stop();
      await web.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Bench {
  readonly fleet: BenchFleet;
  readonly web: Web;
  readonly say: (line: string) => void;
}

interface Expanded {
  readonly urlsPerSecond: number;
  /** The most memory that the worker has held until then. */
  readonly peakMib: number;
  /** How long others waited for the domain, 95 of 100 of them at most. */
  readonly waitMs: number;
}

async function expand(bench: Bench, { host, urls }: Extent): Promise<Expanded> {
  const { fleet, web, say } = bench;
  const { db, queues } = fleet;
  say(`${host} lists ${urls.toLocaleString("en")} pages`);
  const request = { url: web.url(host), maxPages: 1_000_000, verify: "none", priority: "normal" };
  const id = await fleet.submit(request, RULE);
  const waitsMs: number[] = [];
  for (;;) {
    // As a settling visit does: waits for the domain, releases what it has room for.
    const asked = performance.now();
    await queues.dispatch(await releaseDomain(db, host));
    waitsMs.push(performance.now() - asked);
    const job = (await getJob(db, id))!;
    if (job.status !== "pending" && job.status !== "expanding") {
      const begun = web.logOf(host).entries.findLast(({ path }) => path === "/sitemap.xml")!.startedAt;
      const seconds = (monotonicMs() - begun) / 1_000;
      if (job.counts.total !== urls + 1)
        throw new Error(`expected ${urls + 1} pages, got ${JSON.stringify(job)}`);
      const peakMib = await peakOf(fleet.workers[0]!.pid);
      const waitMs = waitsMs.sort((a, b) => a - b)[Math.floor(waitsMs.length * 0.95)]!;
      say(`${seconds.toFixed(1)} s, ${job.visits} visits meanwhile, ${Math.round(peakMib)} MiB at most`);
      return { urlsPerSecond: urls / seconds, peakMib, waitMs };
    }
    await pause(POLL_MS);
  }
}

function figures(small: Expanded, large: Expanded): Figure[] {
  return [
    {
      what: "URLs from sitemaps into the frontier",
      got: large.urlsPerSecond,
      unit: "URLs/s",
      must: { atLeast: 10_000 },
    },
    {
      what: "the worker's memory at 100,000 URLs, above that at 20,000",
      got: large.peakMib - small.peakMib,
      unit: "MiB",
      must: { atMost: MAX_GROWTH_MIB },
    },
    {
      what: "how long settling visits wait for the domain meanwhile, 95 of 100",
      got: large.waitMs,
      unit: "ms",
      must: { atMost: MAX_WAIT_MS },
    },
  ];
}

/** A sitemap index, every second of its files packed, and a robots.txt whose rules no page breaks. */
function layOut(web: Web, { host, urls }: Extent): Site["pages"] {
  const files = Array.from({ length: Math.ceil(urls / PER_SITEMAP) }, (_, file) => {
    const from = file * PER_SITEMAP;
    const count = Math.min(PER_SITEMAP, urls - from);
    const paths = Array.from(
      { length: count },
      (_, i) => `/section-${i % 100}/a-page-of-ours-${from + i}.html`,
    );
    const sitemap = sitemapOf(paths.map((path) => web.url(host, path)));
    return file % 2 === 0 ? sitemap : gzipFile(sitemap);
  });
  return {
    "/robots.txt": robotsTxt("User-agent: *", "Disallow: /private/", "Disallow: /*.pdf$"),
    "/sitemap.xml": sitemapIndexOf(files.map((_, i) => web.url(host, `/sitemap-${i}.xml`))),
    ...Object.fromEntries(files.map((file, i) => [`/sitemap-${i}.xml`, file])),
  };
}

/** @throws Error where there is no `/proc`: the high-water mark of another process is to be had only there. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) / 1024;
}
