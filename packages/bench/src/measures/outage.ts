import { setTimeout as pause } from "node:timers/promises";
import { CIRCUIT_RULE, countsAddUp, type RateRule, silentLog } from "@bee/core";
import { listenControl, openRedis } from "@bee/queue";
import { type Answer, html, monotonicMs, type Site, startWeb, text, type Web } from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";

const WORKERS = 3;
const RULE: RateRule = { requestsPerSecond: 20, burst: 5, concurrency: 5 };
const PAGES = 80;
/** Served before the site falls ill. */
const SERVED = 20;
/** After so long without a request under way a site works again. */
const QUIET_MS = 5_000;
/** By when all workers hold still. */
const HEARD_MS = 200;

/** How sites stop working; silence is noticed only by the requests' deadline. */
const ILLNESSES = ["answers 500", "cuts connections off", "is silent"] as const;
type Illness = (typeof ILLNESSES)[number];

/** Sites stop working under three worker processes, and work again when they are tried. */
export const measure: Measure = {
  about: "three worker processes leave a site alone that stops working, try it once, and go on",
  async run(say) {
    const sites = ILLNESSES.map((illness) => new FailingSite(illness));
    const web = await startWeb({ hosts: Object.fromEntries(sites.map(({ host, site }) => [host, site])) });
    const fleet = await startFleet({ workers: WORKERS });
    const redis = openRedis({ url: fleet.stores.redis.url, name: "bee bench", log: silentLog });
    const openedAt = new Map<string, number>();
    const stopListening = await listenControl(redis, (message) => {
      if (message.type !== "domain-closing" || message.openings === 0) return;
      if (!openedAt.has(message.domain)) openedAt.set(message.domain, monotonicMs());
    });
    try {
      say(`${sites.length} sites stop working after ${SERVED} pages; this takes a minute`);
      return (await Promise.all(sites.map((site) => watch(site, { fleet, web, openedAt })))).flat();
    } finally {
      stopListening();
      redis.disconnect();
      await fleet.stop();
      await web.stop();
    }
  },
};

/** Works again as soon as somebody has left it alone. */
class FailingSite {
  readonly host: string;
  readonly illness: Illness;
  #asked = 0;
  #failed = 0;
  #failedAt = 0;

  constructor(illness: Illness) {
    this.illness = illness;
    this.host = `${illness.replaceAll(" ", "-")}.test`;
  }

  readonly site: Site = {
    pages: { "/robots.txt": { status: 404 } },
    otherwise: (request, response): Answer | undefined => {
      this.#asked += 1;
      const quietMs = performance.now() - this.#failedAt;
      const isLeftAlone = this.#failed >= CIRCUIT_RULE.failures && quietMs > QUIET_MS;
      if (this.#asked <= SERVED || isLeftAlone) return { ...html(request.url ?? ""), delayMs: 20 };
      this.#failed += 1;
      this.#failedAt = performance.now();
      response.once("close", () => {
        this.#failedAt = performance.now();
      });
      if (this.illness === "answers 500") return text("out of order", 500);
      if (this.illness === "cuts connections off") response.destroy();
      return undefined;
    },
  };
}

interface Stage {
  readonly fleet: BenchFleet;
  readonly web: Web;
  /** When each domain's circuit opened for the first time. */
  readonly openedAt: ReadonlyMap<string, number>;
}

async function watch({ host, illness }: FailingSite, { fleet, web, openedAt }: Stage): Promise<Figure[]> {
  const paths = Array.from({ length: PAGES }, (_, i) => `/${i}`);
  const id = await fleet.seed({ url: web.url(host), tier: "normal", rule: RULE, paths });
  const job = await fleet.ended(id);
  await pause(HEARD_MS);
  const { entries } = web.logOf(host);
  const opened = openedAt.get(host)!;
  const later = entries.filter(({ startedAt }) => startedAt > opened + HEARD_MS);
  const tried = later[0]!;
  const beside = later.filter(({ startedAt }) => startedAt < tried.endedAt!);
  return [
    {
      what: `a site that ${illness}: from the opening of its circuit to the next request but those of the first ${HEARD_MS} ms`,
      got: (tried.startedAt - opened) / 1_000,
      unit: "s",
      must: { atLeast: CIRCUIT_RULE.firstMs / 1_000 - 0.1 },
    },
    { what: "  requests under way with that try", got: beside.length, unit: "", must: { atMost: 1 } },
    {
      what: "  pages with an outcome in the end",
      got: countsAddUp(job.counts) ? job.counts.succeeded + job.counts.failed : 0,
      unit: "",
      must: { atLeast: PAGES },
    },
  ];
}
