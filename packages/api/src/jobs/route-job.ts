import {
  BeeError,
  chooseFleet,
  estimatePages,
  type LiveFleet,
  messageOf,
  type Routing,
  show,
  type Tier,
  within,
} from "@bee/core";
import { liveFleets } from "@bee/queue";
import { NO_PAST, readPasts } from "@bee/store";
import type { Parts } from "../parts.ts";

/** A job is accepted without Redis; it must not wait long for it. */
const REDIS_MS = 500;

/** A job that has no fleet yet. */
export interface UnroutedJob {
  /** The region that its request names. */
  readonly asked: string | undefined;
  readonly domain: string;
  readonly tier: Tier;
  readonly maxPages: number;
}

/**
 * Chooses the fleet of a new job. While Redis is away nobody knows who lives: then it goes where its request wants it,
 * or home, and the leader hands it over should nobody work there.
 * @throws BeeError `invalid-request` when no worker lives in the region asked for.
 */
export async function routeJob(parts: Parts, job: UnroutedJob): Promise<Routing> {
  const { config, db } = parts;
  const { domain, asked, tier, maxPages } = job;
  const { region, workerClass } = config;
  const live = await listLive(parts);
  if (live === null) return { region: asked ?? region, workerClass, reason: "who lives was not known" };
  requireLive(asked, live, region);
  // With one fleet there is nothing to choose.
  const pasts = live.length > 1 ? await readPasts(db, [domain]) : undefined;
  const { firstBytes, largest } = pasts?.get(domain) ?? NO_PAST;
  const estimatedPages = estimatePages(maxPages, largest);
  return chooseFleet({
    domain,
    asked,
    tier,
    estimatedPages,
    live,
    firstBytes,
    book: config.regions,
    home: config,
  });
}

async function listLive({ registry, log }: Parts): Promise<LiveFleet[] | null> {
  try {
    return liveFleets(await within(REDIS_MS, "Redis", registry.list()));
  } catch (error) {
    log.warn("a job is sent to a region without knowing whether it lives", { error: messageOf(error) });
    return null;
  }
}

/** While nobody lives, such as at the start, the home of the API is as good as if it did. */
function requireLive(asked: string | undefined, live: readonly LiveFleet[], home: string): void {
  const regions = [...new Set(live.map(({ region }) => region))].sort();
  const known = regions.length > 0 ? regions : [home];
  if (asked === undefined || known.includes(asked)) return;
  const detail = `expected a region with workers (${known.join(", ")}), got ${show(asked)}; without one the nearest is taken`;
  throw new BeeError("invalid-request", `the body: /region: ${detail}`, {
    parts: [{ pointer: "/region", detail }],
  });
}
