import { loadavg } from "node:os";
import { DEFAULT_RULE, type RateRule } from "@bee/core";
import type { Job } from "@bee/store";
import { monotonicMs, startWeb, type Web, worstExcess } from "@bee/testkit";
import { cachedSite, requestsFor } from "../harness/cached-site.ts";
import type { Measure } from "../harness/figure.ts";
import { type BenchFleet, startFleet } from "../harness/fleet.ts";

const DOMAINS = 200;
/** The home page among them. */
const PAGES = 30;
const ANSWER_MS = 100;
const REQUESTS = requestsFor(PAGES);
/** From the gate to the target, on a machine whose cores are all busy; the gate itself is judged by `npm run politeness`. */
const LATE_MS = 50;
/** What a domain's rule leaves of that when its burst is used up, at its pace, and then the last answer. */
const ALLOWED_S = (REQUESTS - DEFAULT_RULE.burst) / DEFAULT_RULE.requestsPerSecond + ANSWER_MS / 1_000;

const ALONE = "alone.test";
/** So many that each worker expands several: the first ones compile its code. */
const WARM_UP = Array.from({ length: 20 }, (_, n) => `warm-up${n}.test`);
const WARM_UP_RULE = { requestsPerSecond: 50, burst: 50, concurrency: 50 };

/** Politeness allows a pace; the fleet uses it. */
export const measure: Measure = {
  about:
    "one domain gets 97 % of its rate; 200 domains at once are done within 1.10x of the time their rules allow",
  async run(say) {
    const hosts = Array.from({ length: DOMAINS }, (_, n) => `site${n}.test`);
    const web = await startWeb({
      hosts: Object.fromEntries(
        [...hosts, ALONE, ...WARM_UP].map((host) => [host, cachedSite(PAGES, ANSWER_MS)]),
      ),
    });
    const fleet = await startFleet();
    try {
      await Promise.all(WARM_UP.map((host) => crawl(fleet, web, host, WARM_UP_RULE)));
      await crawl(fleet, web, ALONE, DEFAULT_RULE);
      const starts = web.logOf(ALONE).entries.map(({ startedAt }) => startedAt);
      const rate = (REQUESTS - DEFAULT_RULE.burst) / ((starts.at(-1)! - starts[0]!) / 1_000);
      const began = monotonicMs();
      const jobs = await Promise.all(hosts.map((host) => fleet.submit({ url: web.url(host) }, DEFAULT_RULE)));
      await fleet.idle();
      const seconds = (monotonicMs() - began) / 1_000;
      for (const id of jobs) requireCompleted(await fleet.ended(id));
      const logs = hosts.map((host) => web.logOf(host).entries);
      const ends = logs.map((log) => (log.at(-1)!.endedAt! - began) / 1_000).sort((a, b) => a - b);
      say(`${REQUESTS} requests a domain, which its rule allows in ${ALLOWED_S.toFixed(1)} s`);
      say(`domains were done after ${ends[0]!.toFixed(1)} to ${ends.at(-1)!.toFixed(1)} s`);
      say(`load of the machine: ${loadavg()[0]!.toFixed(1)}`);
      return [
        {
          what: "one domain alone: share of its rate after the burst",
          got: rate / DEFAULT_RULE.requestsPerSecond,
          unit: "",
          must: { atLeast: 0.97 },
        },
        {
          what: `${DOMAINS} domains at once: time over what their rules allow`,
          got: seconds / ALLOWED_S,
          unit: "",
          must: { atMost: 1.1 },
        },
        {
          what: "domains that were asked more or less often than expected",
          got: logs.filter((log) => log.length !== REQUESTS).length,
          unit: "",
          must: { atMost: 0 },
        },
        {
          what: "worst excess over r·T + b",
          got: Math.max(...logs.map((log) => worstExcess(log, DEFAULT_RULE, LATE_MS))),
          unit: "requests",
          must: { atMost: 0 },
        },
      ];
    } finally {
      await fleet.stop();
      await web.stop();
    }
  },
};

/** Submits a site and waits for the end of its job. */
async function crawl(fleet: BenchFleet, web: Web, host: string, rule: RateRule): Promise<void> {
  requireCompleted(await fleet.ended(await fleet.submit({ url: web.url(host) }, rule)));
}

function requireCompleted({ url, status }: Job): void {
  if (status !== "completed") throw new Error(`expected the job of ${url} to complete, got ${status}`);
}
