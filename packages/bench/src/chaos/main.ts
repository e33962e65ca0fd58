/**
 * `npm run chaos [-- --seed <n>]`: a fleet at work while its processes are killed and stopped, Redis is killed and
 * wiped, and Postgres is stopped and crashed. Prints what became of every page, and ends with exit code 1 when a figure
 * misses its limit: pages lost, recorded twice, failed or quarantined wrongly, or work that did not go on within half a
 * minute.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { DEFAULT_RULE } from "@bee/core";
import { monotonicMs, mostInFlight, type RequestEntry, worstExcess } from "@bee/testkit";
import { type Figure, figureText, holds } from "../harness/figure.ts";
import { FleetUp } from "../harness/fleet-up.ts";
import { seededRandom } from "../harness/random.ts";
import { Stalls } from "../harness/stalls.ts";
import { findAsker } from "./asker.ts";
import { type Fault, planFaults } from "./faults.ts";
import { type PageSeen, pagesOf, submitTwice, watchJobs } from "./jobs.ts";
import { startTarget, type Target } from "./sites.ts";
import { type Ended, judge, type Pause, pausesAfter, type Verdict } from "./verdict.ts";

const HOSTS = 12;
const PAGES = 120;
/** A run that is not over by then is stuck. */
const PATIENCE_S = 172;
const RESUME_S = 30;
/** What the loopback and a busy machine may add between a gate and the target's clock. */
const JITTER_MS = 50;

const VARIABLES = { BEE_MIN_WORKERS: "4", BEE_MAX_WORKERS: "4" };

const { values } = parseArgs({
  options: { seed: { type: "string", default: String(Date.now() % 100_000) } },
});
const seed = Number(values.seed);
const began = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);

say(`seed ${seed}`);
const fleet = await FleetUp.start(VARIABLES);
const poisonings: Ended[] = [];
const stalls = new Stalls(fleet.redisUrl);
const target = await startTarget({
  hosts: HOSTS,
  pages: PAGES,
  onPoison(asker) {
    const pid = findAsker(asker, fleet.pidsOf("worker"));
    say(`the poisonous page kills worker ${pid ?? "(not found)"}`);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    poisonings.push({ name: "a page that kills its worker", over: monotonicMs() });
  },
});
try {
  process.exitCode = await run();
} finally {
  await stalls.stop();
  await fleet.stop();
  await target.web.stop();
}

async function run(): Promise<number> {
  const submitted = await Promise.all(target.hosts.map((host) => submitTwice(fleet, target.web.url(host))));
  const jobs = new Set(submitted.flat());
  say(`${jobs.size} jobs of ${PAGES} pages, each submitted twice with one Idempotency-Key`);
  const [watched, ends] = await Promise.all([
    watchJobs(fleet, PATIENCE_S),
    Promise.all(planFaults(fleet, seededRandom(seed)).map(strike)),
  ]);
  say(`${watched.reads} reads of all jobs, ${watched.unanswered} of them unanswered`);
  const pages = (await Promise.all(watched.jobs.map((job) => pagesOf(fleet, job.id)))).flat();
  const verdict = judge({
    expected: target.hosts.flatMap(target.urlsOf),
    jobs: watched.jobs,
    pages,
    recovered:
      stalls.tasks +
      fleet.heard("put lost work back").reduce((sum, line) => sum + (line["reclaimed"] ?? 0), 0),
  });
  const pauses = pausesAfter([...ends, ...poisonings], logsOf(target));
  print(verdict, pauses, pages);
  return conclude([
    { what: "jobs made of twice as many submissions", got: jobs.size, unit: "", must: { atMost: HOSTS } },
    {
      what: "reads with counters that do not add up",
      got: watched.contradictions,
      unit: "",
      must: { atMost: 0 },
    },
    { what: "lost pages", got: verdict.lost, unit: "", must: { atMost: 0 } },
    { what: "duplicated outcomes", got: verdict.duplicated, unit: "", must: { atMost: 0 } },
    { what: "failed pages", got: verdict.failed, unit: "", must: { atMost: 0 } },
    { what: "quarantined pages", got: verdict.skipped, unit: "", must: { atMost: 1 } },
    {
      what: "requests for the poisonous page",
      got: target.web.log.entries.filter(({ host, path }) => target.web.url(host, path) === target.poison)
        .length,
      unit: "",
      // Three, and one more when Redis is wiped between the first death and the next visit.
      must: { atMost: 4 },
    },
    {
      what: "faults that struck when nothing was left to do",
      got: ends.filter(({ over }) => logsOf(target).every((log) => (log.at(-1)?.startedAt ?? 0) <= over))
        .length,
      unit: "",
      must: { atMost: 0 },
    },
    {
      what: "longest pause of a domain after a fault",
      got: Math.max(...pauses.map(({ seconds }) => seconds)),
      unit: "s",
      must: { atMost: RESUME_S },
    },
  ]);
}

async function strike(fault: Fault): Promise<Ended> {
  await delay(fault.atSeconds * 1_000);
  say(fault.name);
  await fault.strike();
  return { name: fault.name, over: monotonicMs() };
}

function logsOf({ web, hosts }: Target): (readonly RequestEntry[])[] {
  return hosts.map((host) => web.logOf(host).entries);
}

function print(verdict: Verdict, pauses: readonly Pause[], pages: readonly PageSeen[]): void {
  process.stdout.write("\n");
  for (const [name, number] of Object.entries(verdict))
    process.stdout.write(`${name.padEnd(12)} ${number}\n`);
  process.stdout.write("\nlongest silence of a domain after the end of\n");
  for (const { name, seconds } of pauses)
    process.stdout.write(`${name.padEnd(36)}${seconds.toFixed(1).padStart(5)} s\n`);
  const logs = logsOf(target);
  const excess = Math.max(...logs.map((log) => worstExcess(log, DEFAULT_RULE, JITTER_MS)));
  const inFlight = Math.max(...logs.map(mostInFlight));
  process.stdout.write(
    `\nat the target: ${target.web.log.entries.length} requests, worst excess over r·T + b ${excess.toFixed(2)}, at most ${inFlight} in flight to a domain\n`,
  );
  for (const { url, outcome, reason } of pages.filter((page) => page.outcome !== "ok"))
    process.stdout.write(`${outcome ?? "no outcome"}: ${url} ${reason ?? ""}\n`);
  process.stdout.write("\n");
}

function conclude(figures: readonly Figure[]): number {
  for (const figure of figures) process.stdout.write(`${figureText(figure)}\n`);
  return figures.every(holds) ? 0 : 1;
}
