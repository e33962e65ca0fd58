/**
 * `npm run scaling [-- --seed <n>]`: a fleet of two scalers that is given 0, 1, 3, 5 and 8 jobs and then fewer, while its
 * leader is killed, a worker is killed and one is stopped; and three regions beside it, of which one is killed. Prints
 * what was wished for, which workers live and each decision, and ends with exit code 1 when a figure misses its limit:
 * the table of the founding plan, hand-over, workers started twice, pages lost or fetched twice.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Figure, figureText, holds } from "../harness/figure.ts";
import { seededRandom } from "../harness/random.ts";
import { Stalls } from "../harness/stalls.ts";
import { startStores } from "../harness/stores.ts";
import { Api } from "./api.ts";
import { type Course, replaced, type Stage, type Step, upAndDown } from "./course.ts";
import { Crew } from "./crew.ts";
import { lawOf } from "./law.ts";
import { type Fetched, Load } from "./load.ts";
import { loseRegion, type RegionLoss } from "./regions.ts";
import { faultsOf, outOfBounds, untidy, worstExcess, wrongWishes } from "./verdict.ts";
import { Watch } from "./watch.ts";

const SCALE_DOWN_DELAY_S = 15;
const BOUNDS = { min: 3, max: 25 };
const HOSTS = Array.from({ length: 8 }, (_, n) => `site${n}.test`);
/** More than a job gets through while the run lasts, so that it stays active. */
const PAGES = 3_000;
/** A run that is not over by then stands still. */
const PATIENCE_S = 290;
const KEY = "an-operator-of-the-scaling-run";

/** A worker that is killed is missed at the next look; the one in its place needs its time to start. */
const KILLED_S = 30;
/** One that says nothing is stuck a minute after its last heartbeat. */
const STOPPED_S = 60 + KILLED_S;

const { values } = parseArgs({
  options: { seed: { type: "string", default: String(Date.now() % 100_000) } },
});
const began = performance.now();
const write = (line: string) => process.stdout.write(`${line}\n`);
const say = (line: string) =>
  write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`);

say(`seed ${values.seed}`);
const stores = await startStores();
const stalls = new Stalls(stores.redis.url);
const variables = { DATABASE_URL: stores.postgres.url, REDIS_URL: stores.redis.url };
const random = seededRandom(Number(values.seed));
const crew = new Crew("scaling", {
  ...variables,
  BEE_ADMIN_KEY: KEY,
  BEE_PORT: "0",
  BEE_MIN_WORKERS: String(BOUNDS.min),
  BEE_MAX_WORKERS: String(BOUNDS.max),
  BEE_WORKERS_PER_JOB: "3",
  BEE_SCALE_DOWN_DELAY: `${SCALE_DOWN_DELAY_S}s`,
});
try {
  const figures = await Promise.race([run(), tooLate()]);
  write("");
  for (const figure of figures) write(figureText(figure));
  process.exitCode = figures.every(holds) ? 0 : 1;
} finally {
  await crew.stop();
  await stalls.stop();
  await stores.stop();
}
// What still waits for something that never came would keep this process alive.
process.exit();

async function tooLate(): Promise<never> {
  await delay(1_000 * PATIENCE_S);
  throw new Error(
    `expected the run to be over within ${PATIENCE_S} s, got no end; its lines say how far it came`,
  );
}

async function run(): Promise<Figure[]> {
  const api = new Api((await crew.start("api")).url!, KEY);
  const load = await Load.start(api, HOSTS, PAGES);
  const watch = new Watch(api, crew, say);
  watch.start();
  try {
    // One leads, the other waits for its end.
    await crew.start("scaler");
    await crew.start("scaler");
    const stage: Stage = { crew, load, watch, random, say };
    const course = await upAndDown(stage);
    const fetched = await load.settle();
    watch.jobs = 0;
    await crew.untilLiving(BOUNDS.min);
    const figures = [...figuresOf(course, watch), ...figuresOfWork(fetched)];
    const killed = await replaced(stage, "SIGKILL", 1_000 * KILLED_S);
    const [stopped, loss] = await Promise.all([
      replaced(stage, "SIGSTOP", 1_000 * STOPPED_S),
      loseRegion({ api, variables, random, say }),
    ]);
    return [...figures, ...figuresOfReplacing(killed, stopped), ...figuresOfRegions(loss)];
  } finally {
    await watch.stop();
    await load.stop();
  }
}

function figuresOf({ ups, handOver, downs }: Course, { samples, decisions, unanswered }: Watch): Figure[] {
  const steps = [...ups, handOver, ...downs];
  const faults = faultsOf(decisions, 1_000 * SCALE_DOWN_DELAY_S);
  write("");
  for (const step of steps) write(stepText(step));
  write(`${samples.length} looks, ${unanswered} of them unanswered`);
  for (const fault of faults) write(`fault: ${fault}`);
  const worst = (all: readonly Step[], of: "wishAfter" | "workersAfter") =>
    Math.max(...all.map((step) => step[of]));
  const none = { atMost: 0 };
  return [
    { what: "wishes other than the table's", got: wrongWishes(steps), unit: "", must: none },
    { what: "wishes out of bounds", got: outOfBounds(samples, BOUNDS), unit: "", must: none },
    { what: "decisions that do not hold", got: faults.length, unit: "", must: none },
    { what: "longest until a higher wish", got: worst(ups, "wishAfter"), unit: "s", must: { atMost: 5 } },
    {
      what: "longest until all workers work",
      got: worst([...ups, handOver], "workersAfter"),
      unit: "s",
      must: { atMost: 60 },
    },
    { what: "hand-over to another leader", got: handOver.wishAfter, unit: "s", must: { atMost: 15 } },
    { what: "workers above the wish", got: worstExcess(samples), unit: "", must: none },
    {
      what: "workers that were ever started",
      got: crew.everyWorker.length,
      unit: "",
      must: { atMost: BOUNDS.max },
    },
    {
      what: "soonest lower wish",
      got: Math.min(...downs.map((step) => step.wishAfter)),
      unit: "s",
      must: { atLeast: SCALE_DOWN_DELAY_S },
    },
    {
      what: "latest lower wish",
      got: worst(downs, "wishAfter"),
      unit: "s",
      must: { atMost: SCALE_DOWN_DELAY_S + 5 },
    },
  ];
}

function figuresOfWork({ pages, twice, unrecorded, incomplete }: Fetched): Figure[] {
  for (const page of twice) write(`fetched twice: ${page}`);
  for (const job of incomplete) write(`incomplete: ${JSON.stringify(job)}`);
  const none = { atMost: 0 };
  return [
    { what: "pages fetched", got: pages, unit: "", must: { atLeast: 1_000 } },
    { what: "pages fetched twice", got: twice.length, unit: "", must: none },
    { what: "pages fetched and not recorded", got: unrecorded, unit: "", must: none },
    { what: "jobs with lost pages", got: incomplete.length, unit: "", must: none },
    { what: "stalled tasks", got: stalls.tasks, unit: "", must: none },
    { what: "retired workers that did not end in order", got: untidy(crew).length, unit: "", must: none },
  ];
}

function figuresOfReplacing(killed: number, stopped: number): Figure[] {
  return [
    { what: "until a killed worker is replaced", got: killed, unit: "s", must: { atMost: KILLED_S } },
    { what: "until a stopped worker is replaced", got: stopped, unit: "s", must: { atMost: STOPPED_S } },
  ];
}

function figuresOfRegions({
  handOver,
  astray,
  lost,
  twice,
  underWay,
  excess,
  overflow,
}: RegionLoss): Figure[] {
  const none = { atMost: 0 };
  return [
    { what: "regions: hand-over of a dead one's job", got: handOver, unit: "s", must: { atMost: 30 } },
    { what: "regions: jobs that are elsewhere without need", got: astray, unit: "", must: none },
    { what: "regions: lost pages", got: lost, unit: "", must: none },
    { what: "regions: pages fetched twice", got: twice, unit: "", must: { atMost: underWay } },
    { what: "regions: requests over r·T + b", got: excess, unit: "", must: none },
    { what: "regions: requests in flight over c", got: overflow, unit: "", must: none },
  ];
}

function stepText({ jobs, wishAfter, workersAfter }: Step): string {
  const seconds = (value: number) => (Number.isFinite(value) ? `after ${value.toFixed(1)} s` : "never");
  const workers = lawOf(jobs);
  return `${jobs} jobs: ${workers} wanted ${seconds(wishAfter)}, ${workers} at work ${seconds(workersAfter)}`;
}
