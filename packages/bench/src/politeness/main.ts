/**
 * `npm run politeness [-- --seed <n>] [--only <scenario>]`: 25 workers on domains of different rules, while they are
 * killed, stopped and given wrong clocks, while rules are changed, and while Redis is killed and wiped. Prints for each
 * domain what its own log says, and ends with exit code 1 when a bound was broken.
 */
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { RateRule } from "@bee/core";
import { monotonicMs, startWeb, type Web } from "@bee/testkit";
import { type Figure, figureText, holds } from "../harness/figure.ts";
import { FleetUp } from "../harness/fleet-up.ts";
import { seededRandom } from "../harness/random.ts";
import { until } from "../harness/until.ts";
import { Network, PROBE_HOST } from "./network.ts";
import { CHANGED, SCENARIOS, type Scenario } from "./scenarios.ts";
import { makeSites, PAGES, TARGETS, WARM_UP_HOST, WARM_UP_RULE } from "./sites.ts";
import { figuresOf, tableOf } from "./table.ts";
import { judge, reigns } from "./verdict.ts";
import { Workers } from "./workers.ts";

const WORKERS = 25;

const { values } = parseArgs({
  options: { seed: { type: "string", default: String(Date.now() % 100_000) }, only: { type: "string" } },
});
const scenarios = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only);
if (scenarios.length === 0) {
  const names = SCENARIOS.map(({ name }) => name).join(", ");
  process.stderr.write(`Expected --only with one of ${names}; got ${values.only}.\n`);
  process.exit(2);
}

const began = performance.now();
const write = (line: string) => process.stdout.write(`${line}\n`);
const say = (line: string) =>
  write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`);

say(`seed ${values.seed}`);
const random = seededRandom(Number(values.seed));
const workers = new Workers();
const sites = makeSites();
const network = new Network();
const web = await startWeb({ hosts: { ...sites.hosts, [PROBE_HOST]: network.site } });
const fleet = await FleetUp.start({
  BEE_MIN_WORKERS: String(WORKERS),
  BEE_MAX_WORKERS: String(WORKERS),
  ...workers.variables,
});
try {
  await network.start(web.port);
  say(`${fleet.pidsOf("worker").length} workers`);
  await warmUp();
  const figures: Figure[] = [];
  for (const scenario of scenarios) figures.push(...(await run(scenario)));
  write("");
  for (const figure of figures) write(figureText(figure));
  process.exitCode = figures.every(holds) ? 0 : 1;
} finally {
  await network.stop();
  await fleet.stop();
  await web.stop();
  workers.forget();
}

/** A worker's first visits compile its code, which takes longer than anything the network does. */
async function warmUp(): Promise<void> {
  await setRule(WARM_UP_HOST, WARM_UP_RULE);
  const id = await submit(web, WARM_UP_HOST);
  await until("the warm-up to end", async () => {
    const { status } = await fleet.ask<{ status: string }>(`/v1/jobs/${id}`);
    return status === "completed" ? status : undefined;
  });
}

async function run(scenario: Scenario): Promise<Figure[]> {
  sites.forget();
  for (const { host, rule } of TARGETS) await setRule(host, rule);
  network.forget();
  const from = monotonicMs();
  const jobs = await Promise.all(TARGETS.map(({ host }) => submit(web, host)));
  let changedAt = Number.POSITIVE_INFINITY;
  await Promise.all([
    delay(scenario.seconds * 1_000),
    scenario.disturb({
      fleet,
      random,
      workers,
      async changeRule(host, rule) {
        // By the time of the answer it may be in force.
        changedAt = Math.min(changedAt, monotonicMs());
        await setRule(host, rule);
      },
    }),
  ]);
  const to = monotonicMs();
  await Promise.all(jobs.map((id) => fleet.ask(`/v1/jobs/${id}/cancel`, { method: "POST" })));
  await web.log.idle();
  const networkMs = network.read();
  const loopMs = workers.worstLag(from);
  const verdicts = TARGETS.flatMap((target) => {
    const log = web.logOf(target.host).entries;
    const next = CHANGED[target.host];
    const change = next && changedAt < to ? { at: changedAt, rule: next } : undefined;
    return reigns({ target, log, from, to, change }).map((reign) => judge(reign, log, networkMs + loopMs));
  });
  const late = `the network took up to ${networkMs.toFixed(0)} ms, event loops were up to ${loopMs.toFixed(0)} ms late`;
  write("");
  say(`${scenario.name}: ${late}, load ${loadavg()[0]!.toFixed(1)}`);
  write(tableOf(verdicts));
  return figuresOf(scenario.name, verdicts);
}

async function submit({ url }: Web, host: string): Promise<string> {
  const body = JSON.stringify({ url: url(host), maxPages: PAGES });
  return (await fleet.ask<{ id: string }>("/v1/jobs", { method: "POST", body })).id;
}

async function setRule(host: string, rule: RateRule): Promise<void> {
  await fleet.ask(`/v1/domains/${host}/rule`, { method: "PUT", body: JSON.stringify(rule) });
}
