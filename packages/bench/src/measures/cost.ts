import { DEFAULT_RULE } from "@bee/core";
import { startWeb, type Web } from "@bee/testkit";
import { cachedSite, EXPANSION_REQUESTS, requestsFor } from "../harness/cached-site.ts";
import { cpuOf } from "../harness/cpu.ts";
import type { Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";

const SITES = 200;
/** What sites of so many pages cost more than those of fewer is the cost of the requests. */
const FEW_PAGES = 12;
const MANY_PAGES = 30;
const ANSWER_MS = 100;
/** So many that each worker expands several and has its code compiled. */
const WARM_UP = { sites: 20, pages: 10, rule: { requestsPerSecond: 50, burst: 50, concurrency: 50 } };

type Cost = Readonly<Record<string, number>>;

/** Milliseconds of CPU, which do not suffer from what else the machine does, unlike seconds. */
export const measure: Measure = {
  about: "the CPU of a request and of an expansion, of every process: at most 2 ms and 12 ms",
  async run(say) {
    const groups = {
      warmUp: hostsOf("warm-up", WARM_UP.sites, WARM_UP.pages),
      few: hostsOf("few", SITES, FEW_PAGES),
      many: hostsOf("many", SITES, MANY_PAGES),
    };
    const web = await startWeb({
      hosts: Object.fromEntries(
        Object.values(groups)
          .flat()
          .map(({ host, pages }) => [host, cachedSite(pages, ANSWER_MS)]),
      ),
    });
    const fleet = await startFleet();
    const { postgres, redis } = fleet.stores;
    const parts = {
      workers: fleet.workers.map(({ pid }) => pid),
      Postgres: [postgres.pid],
      Redis: [redis.pid],
      "the simulated web": [process.pid],
    };
    const costOf = async (work: () => Promise<void>): Promise<Cost> => {
      const before = cpuOf(parts);
      await work();
      const after = cpuOf(parts);
      return map(after, (name, ms) => ms - before[name]!);
    };
    const crawl = (sites: readonly Host[], rule = DEFAULT_RULE) =>
      costOf(() => crawlAll(fleet, web, sites, rule));
    try {
      await crawl(groups.warmUp, WARM_UP.rule);
      const few = await crawl(groups.few);
      const many = await crawl(groups.many);
      const requests = SITES * (requestsFor(MANY_PAGES) - requestsFor(FEW_PAGES));
      const aRequest = map(many, (name, ms) => (ms - few[name]!) / requests);
      const anExpansion = map(few, (name, ms) => ms / SITES - requestsFor(FEW_PAGES) * aRequest[name]!);
      for (const [what, cost] of Object.entries({ "a request": aRequest, "an expansion": anExpansion })) {
        const told = Object.entries(cost).map(([name, ms]) => `${name} ${ms.toFixed(2)}`);
        say(`${what}, in ms: ${told.join(", ")}`);
      }
      return [
        { what: "CPU of a request", got: sum(aRequest), unit: "ms", must: { atMost: 2 } },
        {
          what: `CPU of an expansion, without its ${EXPANSION_REQUESTS} requests`,
          got: sum(anExpansion),
          unit: "ms",
          must: { atMost: 12 },
        },
      ];
    } finally {
      await fleet.stop();
      await web.stop();
    }
  },
};

interface Host {
  readonly host: string;
  readonly pages: number;
}

function hostsOf(name: string, sites: number, pages: number): Host[] {
  return Array.from({ length: sites }, (_, n) => ({ host: `${name}${n}.test`, pages }));
}

async function crawlAll(
  fleet: BenchFleet,
  web: Web,
  sites: readonly Host[],
  rule: typeof DEFAULT_RULE,
): Promise<void> {
  await Promise.all(sites.map(({ host }) => fleet.submit({ url: web.url(host) }, rule)));
  await fleet.idle();
  const wrong = sites.filter(({ host, pages }) => web.logOf(host).entries.length !== requestsFor(pages));
  if (wrong.length > 0) {
    throw new Error(
      `expected ${requestsFor(wrong[0]!.pages)} requests to ${wrong[0]!.host}, got others at ${wrong.length} sites`,
    );
  }
}

function map(cost: Cost, change: (name: string, ms: number) => number): Cost {
  return Object.fromEntries(Object.entries(cost).map(([name, ms]) => [name, change(name, ms)]));
}

function sum(cost: Cost): number {
  return Object.values(cost).reduce((total, ms) => total + ms, 0);
}
