import { setTimeout as delay } from "node:timers/promises";
import type { Crew } from "./crew.ts";
import { lawOf } from "./law.ts";
import type { Load } from "./load.ts";
import type { Watch } from "./watch.ts";

export interface Stage {
  readonly crew: Crew;
  readonly load: Load;
  readonly watch: Watch;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

/** How a number of jobs became a number of workers; times in seconds, `Infinity` for what never came. */
export interface Step {
  readonly jobs: number;
  /** Until the wish was what the table asks for, and until as many workers were at work and no others. */
  readonly wishAfter: number;
  readonly workersAfter: number;
  /** The wishes that were seen from then on, while the jobs stayed the same. */
  readonly wishes: readonly number[];
}

export interface Course {
  readonly ups: readonly Step[];
  /** The step whose scaler was killed; its times count from then. */
  readonly handOver: Step;
  readonly downs: readonly Step[];
}

/** Workers are processes, of which more start than the machine has cores. */
const PATIENCE_MS = 60_000;
/** So long a step is watched when it is reached: two looks of the scaler. */
const HOLD_MS = 2_500;
/** A leader's last moment is somewhere in this time after it has started workers. */
const KILL_WITHIN_MS = 300;
const POLL_MS = 10;

/** More jobs, the leader killed on the way, and fewer jobs. */
export async function upAndDown(stage: Stage): Promise<Course> {
  const ups = [await reach(stage, 0, performance.now())];
  for (const jobs of [1, 3]) ups.push(await have(stage, jobs));
  // Nobody has heard yet of the workers that it has just started.
  await begin(stage, 5);
  const killedAt = await killLeader(stage, lawOf(5));
  await begin(stage, 8);
  const handOver = await reach(stage, 8, killedAt);
  await stage.load.known();
  const downs = [await have(stage, 5), await have(stage, 1)];
  return { ups, handOver, downs };
}

/** Seconds until another worker is in the place of one that was struck, `Infinity` for never. */
export async function replaced(
  { crew, random, say }: Stage,
  signal: "SIGKILL" | "SIGSTOP",
  withinMs: number,
): Promise<number> {
  const going = crew.going();
  const struck = going[Math.floor(random() * going.length)]!;
  const known = new Set(crew.everyWorker);
  say(`${signal} for worker ${struck}`);
  const since = performance.now();
  process.kill(struck, signal);
  const isReplaced = () => !crew.living().includes(struck) && crew.working().some((pid) => !known.has(pid));
  while (!isReplaced()) {
    if (performance.now() - since > withinMs) return Number.POSITIVE_INFINITY;
    await delay(POLL_MS);
  }
  return (performance.now() - since) / 1_000;
}

async function begin({ load, watch, say }: Stage, jobs: number): Promise<void> {
  say(`${jobs} job${jobs === 1 ? "" : "s"} from now on, for which the table has ${lawOf(jobs)} workers`);
  await load.have(jobs);
  watch.jobs = jobs;
}

async function have(stage: Stage, jobs: number): Promise<Step> {
  const since = performance.now();
  await begin(stage, jobs);
  return reach(stage, jobs, since);
}

async function reach({ watch }: Stage, jobs: number, since: number): Promise<Step> {
  const wanted = lawOf(jobs);
  const secondsTo = async (of: "wish" | "working") => {
    const isThere = watch.first(
      (sample) => sample.jobs === jobs && sample[of] === wanted && (of === "wish" || sample.going === wanted),
      PATIENCE_MS,
    );
    return (((await isThere)?.at ?? Number.POSITIVE_INFINITY) - since) / 1_000;
  };
  const [wishAfter, workersAfter] = await Promise.all([secondsTo("wish"), secondsTo("working")]);
  const reached = watch.samples.length;
  await delay(HOLD_MS);
  return { jobs, wishAfter, workersAfter, wishes: watch.samples.slice(reached).map(({ wish }) => wish) };
}

/** Kills the one that decides, right after it has started workers. @returns when, in monotonic milliseconds. */
async function killLeader({ crew, random, say }: Stage, workers: number): Promise<number> {
  const late = delay(PATIENCE_MS, undefined, { ref: false }).then(() => crew.heard("scaling").at(-1)!);
  const { pid } = (await Promise.race([crew.decision(workers), late])).process;
  await delay(KILL_WITHIN_MS * random());
  process.kill(pid, "SIGKILL");
  say(`the leader, ${pid}, is killed`);
  return performance.now();
}
