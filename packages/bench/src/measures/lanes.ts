import { setTimeout as pause } from "node:timers/promises";
import { perTier, type RateRule, TIER_SHARES, TIERS, type Tier } from "@bee/core";
import { type RequestEntry, startWeb, text, type Web } from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";
import { median } from "../harness/statistics.ts";

/** Few, so that they are what visits wait for, and not the machine: three workers make 60. */
const SLOTS = 20;
const WORKERS = 3;
const ANSWER_MS = 50;
const DOMAINS = 20;
/** So generous that no gate and no window is what visits wait for. */
const RULE: RateRule = { requestsPerSecond: 50, burst: 50, concurrency: 20 };
const VISITS = 2_000;
/** Until all domains are past their slow start and the grants have settled. */
const WARM_UP_MS = 4_000;

type Say = (line: string) => void;

const hostOf = (tier: Tier, domain: number) => `${tier}-${domain}.test`;
const tierOf = ({ host }: RequestEntry) => host.slice(0, host.indexOf("-")) as Tier;

/** Four backlogged queues share the slots of three workers as the founding plan says, and one alone gets them all. */
export const measure: Measure = {
  about: "started visits divide 50/30/15/5 under contention; idle slots are lent; no tier waits without end",
  async run(say) {
    const hosts = Object.fromEntries(
      TIERS.flatMap((tier) =>
        Array.from({ length: DOMAINS }, (_, i) => [hostOf(tier, i), { pages: {}, otherwise: answer }]),
      ),
    );
    const web = await startWeb({ hosts });
    const fleet = await startFleet({ workers: WORKERS, environment: { BEE_WORKER_SLOTS: String(SLOTS) } });
    try {
      return [...(await alone(fleet, web, say)), ...(await contended(fleet, web, say))];
    } finally {
      await fleet.stop();
      await web.stop();
    }
  },
};

const answer = (request: { url?: string | undefined }) =>
  request.url === "/robots.txt" ? text("", 404) : { ...text("page"), delayMs: ANSWER_MS };

async function alone(fleet: BenchFleet, web: Web, say: Say): Promise<Figure[]> {
  const jobs = await backlog(fleet, web, "low", 100);
  await pause(WARM_UP_MS / 2);
  const underWay: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    await pause(50);
    underWay.push((await fleet.queues.counts()).low.active);
  }
  say(`low alone: from ${Math.min(...underWay)} to ${Math.max(...underWay)} tasks under way`);
  await Promise.all(jobs.map((job) => fleet.ended(job)));
  return [
    {
      what: `low alone: tasks under way of ${WORKERS * SLOTS} slots, of which critical keeps ${WORKERS}; median`,
      got: median(underWay),
      unit: "",
      must: { atLeast: WORKERS * (SLOTS - 1) },
    },
  ];
}

async function contended(fleet: BenchFleet, web: Web, say: Say): Promise<Figure[]> {
  for (const tier of TIERS) await backlog(fleet, web, tier, 1_000);
  await pause(WARM_UP_MS);
  web.log.clear();
  const visits: RequestEntry[] = [];
  while (visits.length < VISITS) {
    await pause(100);
    visits.splice(0, visits.length, ...web.log.entries.filter(({ path }) => path !== "/robots.txt"));
  }
  visits.length = VISITS;
  const seconds = (visits.at(-1)!.startedAt - visits[0]!.startedAt) / 1_000;
  const started = perTier((tier) => visits.filter((visit) => tierOf(visit) === tier).length);
  const percent = perTier((tier) => (100 * started[tier]) / VISITS);
  say(
    `${VISITS} visits in ${seconds.toFixed(1)} s: ${TIERS.map((t) => `${t} ${percent[t].toFixed(1)} %`).join(", ")}`,
  );
  return [
    ...TIERS.map((tier) => ({
      what: `${tier}: distance of its share of started visits from ${TIER_SHARES[tier]} %`,
      got: Math.abs(percent[tier] - TIER_SHARES[tier]),
      unit: "points",
      must: { atMost: 3 },
    })),
    {
      what: "the longest time in which a tier started nothing",
      got: Math.max(...TIERS.map((tier) => longestPause(visits, tier))),
      unit: "ms",
      must: { atMost: 1_000 },
    },
  ];
}

function backlog(fleet: BenchFleet, web: Web, tier: Tier, pages: number): Promise<string[]> {
  const paths = Array.from({ length: pages }, (_, i) => `/${i}`);
  const domains = Array.from({ length: DOMAINS }, (_, i) => web.url(hostOf(tier, i)));
  return Promise.all(domains.map((url) => fleet.seed({ url, tier, rule: RULE, paths })));
}

function longestPause(visits: readonly RequestEntry[], tier: Tier): number {
  const starts = visits.filter((visit) => tierOf(visit) === tier).map((visit) => visit.startedAt);
  return Math.max(...starts.slice(1).map((start, i) => start - starts[i]!));
}
