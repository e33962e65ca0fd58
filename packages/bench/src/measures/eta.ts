import { setTimeout as pause } from "node:timers/promises";
import { html, robotsTxt, type Site, sitemapOf, startWeb, text, type Web } from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { FleetUp } from "../harness/fleet-up.ts";
import { seededRandom } from "../harness/random.ts";

/** A job whose estimates are compared with what came of it; all run at once, each on a domain unless it shares one. */
interface Case {
  readonly what: string;
  readonly host: string;
  readonly pages: number;
  readonly verify: "all" | "none";
  readonly priority?: "high" | "normal";
}

const CASES: readonly Case[] = [
  { what: "at the default rule", host: "plain.test", pages: 120, verify: "none" },
  { what: "with a proof for each page", host: "proofs.test", pages: 60, verify: "all" },
  { what: "with a Crawl-delay of 2 s", host: "crawl-delay.test", pages: 25, verify: "none" },
  { what: "with answers after 5 s", host: "slow.test", pages: 36, verify: "none" },
  { what: "with answers after 1 to 3 s", host: "uneven.test", pages: 90, verify: "none" },
  { what: "with a third of its pages not found", host: "missing.test", pages: 90, verify: "all" },
  {
    what: "of a higher tier on a shared domain",
    host: "tiers.test",
    pages: 150,
    verify: "none",
    priority: "high",
  },
  {
    what: "of a lower tier on a shared domain",
    host: "tiers.test",
    pages: 40,
    verify: "none",
    priority: "normal",
  },
  { what: "beside a longer one of its tier", host: "turns.test", pages: 80, verify: "none" },
  { what: "beside a shorter one of its tier", host: "turns.test", pages: 110, verify: "none" },
];

const SAMPLE_MS = 500;
/** Judged from a tenth to nine tenths of the pages, and not by the last three seconds. */
const FROM = 0.1;
const TO = 0.9;
const TINY_SECONDS = 3;

interface JobSeen {
  readonly id: string;
  readonly status: string;
  readonly etaSeconds: number | null;
  readonly finishedAt: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly waiting: readonly { readonly pages: number }[];
}

interface Sample {
  readonly atMs: number;
  readonly done: number;
  readonly eta: number | null;
  /** Whether its reasons to wait are of all pages in the frontier, and of none that does not wait. */
  readonly addsUp: boolean;
}

interface Watched {
  readonly samples: readonly Sample[];
  readonly endMs: number;
}

/** The API's estimate of a job's end, against the end. */
export const measure: Measure = {
  about: "from a tenth of a job on, its estimated time left is within 20 %; reasons to wait add up",
  async run(say) {
    const web = await startWeb({ hosts: sites() });
    const fleet = await FleetUp.start();
    try {
      // Each worker's first visits compile its code and open its connections.
      await watch(fleet, web, { what: "", host: "warm-up.test", pages: 30, verify: "none" });
      const watched = await Promise.all(
        CASES.map(async (one) => ({ one, ...(await watch(fleet, web, one)) })),
      );
      const samples = watched.flatMap((job) => job.samples);
      return [
        ...watched.map(({ one, ...seen }) => figureOf(one, seen, say)),
        {
          what: `of ${samples.length} answers, those whose reasons to wait do not add up`,
          got: samples.filter(({ addsUp }) => !addsUp).length,
          unit: "",
          must: { atMost: 0 },
        },
      ];
    } finally {
      await fleet.stop();
      await web.stop();
    }
  },
};

function figureOf(one: Case, { samples, endMs }: Watched, say: (line: string) => void): Figure {
  const errors = samples.flatMap(({ atMs, done, eta }) => {
    const left = (endMs - atMs) / 1_000;
    if (done < FROM || done > TO || left < TINY_SECONDS) return [];
    return [{ error: eta === null ? 1 : Math.abs(eta - left) / left, done, eta, left }];
  });
  if (errors.length < 5) throw new Error(`expected estimates of the job ${one.what}, got ${errors.length}`);
  const worst = errors.reduce((worst, next) => (next.error > worst.error ? next : worst));
  const mean = errors.reduce((sum, { error }) => sum + error, 0) / errors.length;
  say(
    `${one.what}: ${errors.length} estimates, off by ${mean.toFixed(3)} on average; ` +
      `worst at ${(100 * worst.done).toFixed(0)} %: ${worst.eta} s said, ${worst.left.toFixed(1)} s were left`,
  );
  return { what: `a job ${one.what}: worst error`, got: worst.error, unit: "", must: { atMost: 0.2 } };
}

/** Submits a job and asks for it until it has ended. */
async function watch(fleet: FleetUp, web: Web, { host, pages, verify, priority }: Case): Promise<Watched> {
  const body = JSON.stringify({ url: web.url(host, `/${pages}/0`), maxPages: pages, verify, priority });
  const { id } = await fleet.ask<JobSeen>("/v1/jobs", { method: "POST", body });
  const samples: Sample[] = [];
  for (;;) {
    const job = await fleet.ask<JobSeen>(`/v1/jobs/${id}`);
    if (job.finishedAt !== null) {
      if (job.status !== "completed")
        throw new Error(`expected the job of ${host} to complete, got ${job.status}`);
      return { samples, endMs: Date.parse(job.finishedAt) };
    }
    const { total = 0, pending = 0, released = 0, succeeded = 0, failed = 0 } = job.counts;
    const waiting = job.waiting.reduce((sum, { pages }) => sum + pages, 0);
    samples.push({
      atMs: Date.now(),
      done: total === 0 ? 0 : (succeeded + failed) / total,
      eta: job.etaSeconds,
      addsUp: waiting >= pending && waiting <= pending + released,
    });
    await pause(SAMPLE_MS);
  }
}

function sites(): Record<string, Site> {
  const random = seededRandom(1);
  const page = html("page");
  const after = (delayMs: number) => ({ ...page, delayMs });
  const open = text("", 404);
  return {
    "warm-up.test": site("warm-up.test", open, () => page),
    "plain.test": site("plain.test", open, () => after(100)),
    "proofs.test": site("proofs.test", open, cached(new Set())),
    "crawl-delay.test": site("crawl-delay.test", robotsTxt("User-agent: *", "Crawl-delay: 2"), () =>
      after(100),
    ),
    "slow.test": site("slow.test", open, () => after(5_000)),
    "uneven.test": site("uneven.test", open, () => after(1_000 + 2_000 * random())),
    "missing.test": site("missing.test", open, cached(new Set(), 3)),
    "tiers.test": site("tiers.test", open, () => after(100)),
    "turns.test": site("turns.test", open, () => after(100)),
  };
}

type Serve = (path: string) => ReturnType<typeof html>;

/** A cache that misses once; of so many pages one is not there. */
function cached(stored: Set<string>, missing?: number): Serve {
  return (path) => {
    if (missing !== undefined && Number(path.split("/")[2]) % missing === 1)
      return text("no such page\n", 404);
    const hit = stored.has(path);
    stored.add(path);
    const { headers, body } = html("page");
    const cache = { "cache-control": "public, max-age=600", "cf-cache-status": hit ? "HIT" : "MISS" };
    return { headers: { ...headers, ...cache }, body: body ?? "", delayMs: hit ? 20 : 200 };
  };
}

/** The pages of the largest job of that host; smaller ones stop at their number of pages. */
function site(host: string, robots: ReturnType<typeof text>, serve: Serve): Site {
  const pages = Math.max(30, ...CASES.filter((one) => one.host === host).map((one) => one.pages));
  return {
    pages: {
      "/robots.txt": robots,
      "/sitemap.xml": ({ headers }) =>
        sitemapOf(Array.from({ length: pages }, (_, i) => `http://${headers.host ?? host}/${pages}/${i}`)),
    },
    otherwise: ({ url }) => serve(url ?? "/"),
  };
}
