import { setTimeout as delay } from "node:timers/promises";
import { mostInFlight, startWeb, worstExcess } from "@bee/testkit";
import type { Api } from "./api.ts";
import { Crew } from "./crew.ts";
import { RULE, siteOf, visitsIn } from "./sites.ts";
import type { Job } from "./wire.ts";

export interface RegionStage {
  readonly api: Api;
  /** What a process of the fleet needs to know, whatever its region. */
  readonly variables: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

/** What became of three regions with a job each, of which one was killed. */
export interface RegionLoss {
  /** Seconds until the dead region's job was another's, `Infinity` for never. */
  readonly handOver: number;
  /** Jobs that were not where they were asked for: at first, or at their end unless that region had died. */
  readonly astray: number;
  /** Pages without an outcome, over the three jobs. */
  readonly lost: number;
  /** Pages that were fetched twice, and those that a dead worker may have had under way. */
  readonly twice: number;
  readonly underWay: number;
  /** Requests above `r·T + b`, and above those that may be in flight, at the site whose job changed its region. */
  readonly excess: number;
  readonly overflow: number;
}

const REGIONS = ["eu", "us", "ap"] as const;
const WORKERS = 2;
const PAGES = 250;
/** Enough for its job to be under way. */
const SOME_PAGES = 20;
const PATIENCE_MS = 60_000;
const POLL_MS = 100;
/** What the loopback and a busy machine may add between a gate and the site's clock. */
const JITTER_MS = 250;

/** Starts three regions, each with a scaler of its own, gives each a job, and kills one with all its processes. */
export async function loseRegion({ api, variables, random, say }: RegionStage): Promise<RegionLoss> {
  const site = siteOf(PAGES);
  const web = await startWeb({ hosts: Object.fromEntries(REGIONS.map((region) => [hostOf(region), site])) });
  const crews = new Map(REGIONS.map((region) => [region, crewOf(region, variables)]));
  try {
    await Promise.all(REGIONS.map((region) => live(api, region, crews.get(region)!)));
    for (const region of REGIONS) await api.setRule(hostOf(region), RULE);
    const submit = (region: string) => api.submit({ url: web.url(hostOf(region)), maxPages: PAGES, region });
    const jobs = new Map(
      await Promise.all(REGIONS.map(async (region) => [region, await submit(region)] as const)),
    );
    const placed = await Promise.all(
      [...jobs].map(async ([region, id]) => (await api.job(id)).region === region),
    );
    const dead = REGIONS[Math.floor(random() * REGIONS.length)]!;
    const deadJob = jobs.get(dead)!;
    await until(api, deadJob, ({ counts }) => counts.succeeded >= SOME_PAGES);

    crews.get(dead)!.kill();
    const killedAt = performance.now();
    const underWay = (await api.job(deadJob)).counts.released;
    say(`region ${dead} is killed: ${crews.get(dead)!.everyWorker.length} workers and its scaler`);
    const moved = await until(api, deadJob, ({ region }) => region !== dead);
    const handOver = moved === null ? Number.POSITIVE_INFINITY : (performance.now() - killedAt) / 1_000;
    say(
      `its job is ${moved === null ? "nobody's" : `that of ${moved.region}`} after ${handOver.toFixed(1)} s`,
    );

    const ended = new Map<string, Job | null>();
    for (const [region, id] of jobs)
      ended.set(region, await until(api, id, ({ status }) => status === "completed"));
    await web.log.idle();
    const log = web.logOf(hostOf(dead)).entries;
    const twice = [...visitsIn(web.log.entries)].filter(([, times]) => times > 1).length;
    return {
      handOver,
      astray: REGIONS.filter(
        (region, i) => !placed[i] || (region !== dead && ended.get(region)?.region !== region),
      ).length,
      lost: REGIONS.reduce((sum, region) => sum + PAGES - (ended.get(region)?.counts.succeeded ?? 0), 0),
      twice,
      underWay,
      excess: worstExcess(log, RULE, JITTER_MS),
      overflow: mostInFlight(log) - RULE.concurrency,
    };
  } finally {
    await Promise.all([...crews.values()].map((crew) => crew.stop()));
    await web.stop();
  }
}

function crewOf(region: string, variables: Readonly<Record<string, string>>): Crew {
  const size = { BEE_MIN_WORKERS: String(WORKERS), BEE_MAX_WORKERS: String(WORKERS) };
  return new Crew(`scaling-${region}`, { ...variables, ...size, BEE_REGION: region });
}

function hostOf(region: string): string {
  return `${region}-site.test`;
}

/** Resolves when a region has its workers. */
async function live(api: Api, region: string, crew: Crew): Promise<void> {
  await crew.start("scaler");
  const atWork = async () => {
    const { workers } = await api.fleet();
    return workers.filter((worker) => worker.region === region && worker.state === "working").length;
  };
  while ((await atWork()) < WORKERS) await delay(POLL_MS);
}

async function until(api: Api, id: string, isAsAskedFor: (job: Job) => boolean): Promise<Job | null> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    const job = await api.job(id);
    if (isAsAskedFor(job)) return job;
    await delay(POLL_MS);
  }
  return null;
}
