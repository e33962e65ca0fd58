import { loadavg } from "node:os";
import { HEALTH_DOMAIN, type RateRule } from "@bee/core";
import { addPages } from "@bee/store";
import { monotonicMs, type RequestLog, startWeb, text, type Web } from "@bee/testkit";
import type { Measure } from "../harness/figure.ts";
import { type BenchFleet, foundPage, startFleet } from "../harness/fleet.ts";
import { until } from "../harness/until.ts";

const BULK_DOMAINS = 200;
const BULK_PAGES = 150;
/** No gate holds the bulk work back: 200 domains of 100 requests a second are far more than the machine can do. */
const BULK_RULE: RateRule = { requestsPerSecond: 100, burst: 100, concurrency: 50 };
const BULK_ANSWER_MS = 50;
const CRITICAL_RULE: RateRule = { requestsPerSecond: 100, burst: 10, concurrency: 10 };
const CHECKS = 100;
/** With fewer bulk tasks waiting, the end of the bulk work is near. */
const SATURATED = 1_000;
/** Until every worker has read the robots.txt of most sites that are checked, while there is nothing else to do. */
const WARM_UP = 30;

const CHECK_HOSTS = 10;
const checkHost = (i: number) => `check-${i}.test`;

/** While bulk work takes all the CPU there is, a health check starts within a quarter of a second. */
export const measure: Measure = {
  about: "a critical task starts within 250 ms (p99) on a fleet saturated by 20,000 pages of bulk work",
  async run(say) {
    const bulk = Array.from({ length: BULK_DOMAINS }, (_, i) => `bulk-${i}.test`);
    const checked = [HEALTH_DOMAIN, ...Array.from({ length: CHECK_HOSTS }, (_, i) => checkHost(i))];
    const site = {
      pages: { "/robots.txt": text("", 404) },
      otherwise: { ...text("page"), delayMs: BULK_ANSWER_MS },
    };
    const web = await startWeb({ hosts: Object.fromEntries(bulk.map((host) => [host, site])) });
    const health = await startWeb({
      hosts: Object.fromEntries(checked.map((host) => [host, { pages: {}, otherwise: text("fine") }])),
    });
    const fleet = await startFleet();
    try {
      const check = await startChecks(fleet, health);
      for (let i = 0; i < WARM_UP; i += 1) await check(`/idle-${i}`);
      const paths = Array.from({ length: BULK_PAGES }, (_, i) => `/${i}`);
      const domains = bulk.map((host) => web.url(host));
      await Promise.all(domains.map((url) => fleet.seed({ url, tier: "low", rule: BULK_RULE, paths })));
      const startedAt = monotonicMs();
      const before = web.log.entries.length;
      const waits: Wait[] = [];
      while ((await fleet.queues.waiting()).low > SATURATED) waits.push(await check(`/busy-${waits.length}`));
      const pages = web.log.entries.length - before;
      const seconds = (monotonicMs() - startedAt) / 1_000;
      const { low } = await fleet.queues.counts();
      const tasks = waits.map(({ taskMs }) => taskMs);
      const jobs = waits.map(({ jobMs }) => jobMs);
      say(`bulk meanwhile: ${(pages / seconds).toFixed(0)} visits/s, ${low.active} tasks under way`);
      say(`load of the machine: ${loadavg()[0]!.toFixed(1)}`);
      say(`ms from enqueueing a task: ${spread(tasks)}`);
      say(`ms from submitting a job: ${spread(jobs)}`);
      return [
        {
          what: "checks while the fleet was saturated",
          got: waits.length,
          unit: "",
          must: { atLeast: CHECKS },
        },
        {
          what: "from the enqueued task to its request at the target, p99",
          got: percentile(tasks, 99),
          unit: "ms",
          must: { atMost: 250 },
        },
        {
          what: "from the submitted job to its page's request, p99",
          got: percentile(jobs, 99),
          unit: "ms",
          // Not promised: two tasks one after the other, and the transactions that make a page of a job.
          must: { atMost: 1_000 },
        },
      ];
    } finally {
      await fleet.stop();
      await web.stop();
      await health.stop();
    }
  },
};

interface Wait {
  readonly taskMs: number;
  readonly jobMs: number;
}

/** One check: a page put into the queue, then a whole job submitted; each waits for its request at the target. */
async function startChecks(fleet: BenchFleet, health: Web): Promise<(path: string) => Promise<Wait>> {
  const job = await fleet.begin({ url: health.url(HEALTH_DOMAIN), tier: "critical", rule: CRITICAL_RULE });
  let checks = 0;
  const arrival = async (log: RequestLog, path: string, from: number) => {
    const entry = await until(`a request for ${path}`, () =>
      log.entries.findLast((one) => one.path === path),
    );
    return entry.startedAt - from;
  };
  return async (path) => {
    const url = health.url(HEALTH_DOMAIN, path);
    const { release } = await addPages(fleet.db, job, HEALTH_DOMAIN, [foundPage(url)]);
    const enqueuedAt = monotonicMs();
    await fleet.queues.dispatch(release);
    const taskMs = await arrival(health.logOf(HEALTH_DOMAIN), path, enqueuedAt);
    const submittedAt = monotonicMs();
    // Another site each time: the settling of the check before must not be what this one waits for.
    const host = checkHost(checks++ % CHECK_HOSTS);
    const whole = {
      url: health.url(host, path),
      priority: "critical",
      maxPages: 1,
      useSitemap: false,
      verify: "none",
    };
    await fleet.submit(whole, CRITICAL_RULE);
    return { taskMs, jobMs: await arrival(health.logOf(host), path, submittedAt) };
  };
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)]!;
}

function spread(values: readonly number[]): string {
  return [50, 90, 99, 100].map((p) => `p${p} ${percentile(values, p).toFixed(0)}`).join(", ");
}
