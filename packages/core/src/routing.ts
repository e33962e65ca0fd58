import type { Fleet } from "./fleet.ts";
import { placeOf, type RegionBook } from "./region-book.ts";
import type { Tier } from "./tier.ts";
import { count, measured } from "./words.ts";

/** A fleet with workers, and how full they are together. */
export interface LiveFleet extends Fleet {
  readonly busy: number;
  readonly usable: number;
}

/** What is known of a job that is to be sent to a fleet. */
export interface RoutingFacts {
  /** The region that the job is to go to, if it lives. */
  readonly asked?: string | undefined;
  readonly domain: string;
  readonly tier: Tier;
  readonly estimatedPages: number;
  /** Those with living workers: no other gets a job. */
  readonly live: readonly LiveFleet[];
  /** Milliseconds to the domain's first byte, by region, where earlier jobs measured it. */
  readonly firstBytes: ReadonlyMap<string, number>;
  readonly book: RegionBook;
  /** Where a job waits while nobody lives, and where it goes when nothing speaks for another fleet. */
  readonly home: Fleet;
}

/** Where a job goes, and the sentence that says why. */
export interface Routing extends Fleet {
  readonly reason: string;
}

/** A region above this load gets no job that another could have (founding plan: unless its load says otherwise). */
const FULL = 0.8;
/** Jobs above this many pages go to a fleet of this class (founding plan). */
const MANY_PAGES = 1_000;
export const HIGH_CAPACITY = "high-capacity";

/** The fleet of a job: first its region, then the class of workers there. */
export function chooseFleet(facts: RoutingFacts): Routing {
  const { region, reason } = chooseRegion(facts);
  const { workerClass, because } = chooseClass(facts, region);
  return { region, workerClass, reason: because === null ? reason : `${reason}; ${because}` };
}

interface RegionLoad {
  readonly region: string;
  /** Part of its usable slots that are busy; 1 where none is usable. */
  readonly load: number;
}

/** The region asked for, else the nearest, unless that is full and another is less so. */
export function chooseRegion(facts: RoutingFacts): { readonly region: string; readonly reason: string } {
  const { asked, home } = facts;
  const loads = loadsOf(facts);
  const isAsked = ({ region }: RegionLoad) => region === asked;
  if (loads.some(isAsked)) return { region: asked!, reason: `${asked} was asked for` };
  const [first] = loads;
  if (first === undefined) return { region: asked ?? home.region, reason: "no worker lived in any region" };
  if (loads.length === 1)
    return { region: first.region, reason: `${first.region} is the only region with workers` };
  const nearest = nearestOf(facts, loads);
  const now = loads.find(({ region }) => region === nearest.region)!;
  const other = now.load > FULL ? roomierThan(now, facts, loads) : undefined;
  if (other === undefined) return nearest;
  const full = `${percent(now.load)} of its slots are busy, of those of ${other.region} ${percent(other.load)}`;
  return { region: other.region, reason: `${nearest.reason}, but ${full}` };
}

/** What was measured in two regions or more compares them; one measurement alone says less than the place. */
function nearestOf(facts: RoutingFacts, loads: readonly RegionLoad[]): { region: string; reason: string } {
  const { domain, book } = facts;
  const [fastest, second] = measuredOf(facts, loads);
  if (fastest !== undefined && second !== undefined) {
    const than = `${measured(fastest.ms)} to the first byte, ${measured(second.ms)} in ${second.region}`;
    return { region: fastest.region, reason: `${fastest.region} is nearest: ${than}` };
  }
  const place = placeOf(domain, book);
  if (place !== null && loads.some(({ region }) => region === place.region)) {
    return { region: place.region, reason: `${place.region} is near ${place.because}` };
  }
  if (fastest !== undefined) {
    const { region, ms } = fastest;
    return { region, reason: `${region} knows it: ${measured(ms)} to the first byte` };
  }
  const { region } = leastLoaded(loads);
  return { region, reason: `nothing says which region is near, and ${region} has the most room` };
}

/** The regions that live in which the domain was measured, the fastest first. */
function measuredOf({ firstBytes }: RoutingFacts, loads: readonly RegionLoad[]) {
  return loads
    .flatMap(({ region }) => {
      const ms = firstBytes.get(region);
      return ms === undefined ? [] : [{ region, ms }];
    })
    .sort((a, b) => a.ms - b.ms);
}

/** The nearest region that is not full, else the one that is least so; undefined where none has a lower load. */
function roomierThan(
  full: RegionLoad,
  { firstBytes }: RoutingFacts,
  loads: readonly RegionLoad[],
): RegionLoad | undefined {
  const lower = loads.filter(({ load }) => load < full.load);
  if (lower.length === 0) return undefined;
  const free = lower.filter(({ load }) => load <= FULL);
  const known = free.filter(({ region }) => firstBytes.has(region));
  if (known.length === 0) return leastLoaded(lower);
  return known.reduce((a, b) => (firstBytes.get(b.region)! < firstBytes.get(a.region)! ? b : a));
}

function leastLoaded(loads: readonly RegionLoad[]): RegionLoad {
  return loads.reduce((least, region) => (region.load < least.load ? region : least));
}

/** The regions that live, home first, then by name: the order decides where nothing else does. */
function loadsOf({ live, home }: RoutingFacts): RegionLoad[] {
  const isHome = (region: string) => Number(region === home.region);
  return [...new Set(live.map(({ region }) => region))]
    .sort((a, b) => isHome(b) - isHome(a) || (a < b ? -1 : 1))
    .map((region) => ({ region, load: loadOf(live.filter((fleet) => fleet.region === region)) }));
}

function loadOf(fleets: readonly LiveFleet[]): number {
  const sum = (what: "busy" | "usable") => fleets.reduce((total, fleet) => total + fleet[what], 0);
  return sum("usable") === 0 ? 1 : sum("busy") / sum("usable");
}

/**
 * The class of workers in a region: many pages go to those of high capacity, except of critical jobs, for which every
 * worker has reserved slots. All others go to whoever is not kept for large jobs, where there is such a fleet.
 */
function chooseClass(
  { tier, estimatedPages, live, home }: RoutingFacts,
  region: string,
): { readonly workerClass: string; readonly because: string | null } {
  const fleets = live.filter((fleet) => fleet.region === region);
  const classes = fleets.map(({ workerClass }) => workerClass);
  if (tier !== "critical" && estimatedPages > MANY_PAGES && classes.includes(HIGH_CAPACITY)) {
    return { workerClass: HIGH_CAPACITY, because: `${count(estimatedPages, "page")} need its high capacity` };
  }
  const usual = fleets.filter(({ workerClass }) => workerClass !== HIGH_CAPACITY);
  const among = usual.length > 0 ? usual : fleets;
  if (among.length === 0 || among.some(({ workerClass }) => workerClass === home.workerClass)) {
    return { workerClass: home.workerClass, because: null };
  }
  const roomiest = among.reduce((least, fleet) => (loadOf([fleet]) < loadOf([least]) ? fleet : least));
  return { workerClass: roomiest.workerClass, because: null };
}

/**
 * How many pages a job will have, as far as one knows before it has read a sitemap: as many as the domain's last job
 * found, unless that one stopped at its own limit; never more than it may have.
 */
export function estimatePages(
  maxPages: number,
  earlier: { readonly total: number; readonly maxPages: number } | null,
): number {
  const isWhole = earlier !== null && earlier.total < earlier.maxPages;
  return isWhole ? Math.min(maxPages, earlier.total) : maxPages;
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}
