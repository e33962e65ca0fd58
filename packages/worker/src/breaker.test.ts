import { countsAddUp } from "@bee/core";
import { BREAKER_SETTINGS, listenControl } from "@bee/queue";
import { getDomain, getJob, type Job, listPages } from "@bee/store";
import {
  type Answer,
  html,
  monotonicMs,
  RecordingLog,
  type RequestEntry,
  type Responder,
  redirect,
  robotsTxt,
  type Site,
  sitemapIndexOf,
  sitemapOf,
  startWeb,
  text,
  type Web,
} from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

/** Within so long all workers act on what one of them met. */
const HEARD_MS = 200;
/** Times are measured at both ends: a pause may seem this much shorter at the target. */
const SHORTER_MS = 20;
const SETTINGS = { ...BREAKER_SETTINGS, firstMs: 300 };
const RULE = { requestsPerSecond: 40, burst: 5, concurrency: 5 };
const PATHS = Array.from({ length: 40 }, (_, i) => `/page-${i}`);

type Mood = "well" | "failing" | "cutting";

/** A site that falls ill after so many pages, and gets well when it is told to. */
class Patient {
  mood: Mood = "well";
  readonly #ill: Mood;
  #left: number;

  constructor(ill: Mood, left = 12) {
    this.#ill = ill;
    this.#left = left;
  }

  site(host: string): Site {
    return {
      pages: {
        "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
        "/sitemap.xml": () => sitemapOf(PATHS.map((path) => web.url(host, path))),
      },
      otherwise: this.#page,
    };
  }

  readonly #page: Responder = (request, response): Answer | undefined => {
    this.#left -= 1;
    if (this.#left === 0) this.mood = this.#ill;
    if (this.mood === "well") return { ...html(request.url ?? ""), delayMs: 10 };
    if (this.mood === "failing") return text("out of order", 500);
    response.destroy();
    return undefined;
  };
}

const failing = new Patient("failing");
const cutting = new Patient("cutting");
const lost = new Patient("failing");

/** Answers 429 once with so many seconds to wait, and then as the page does. */
function onceThrottled(page: () => Answer): () => Answer {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? { status: 429, headers: { "retry-after": "1" } } : page();
  };
}

const listed = (host: string, from: number, to: number) =>
  sitemapOf(PATHS.slice(from, to).map((path) => web.url(host, path)));

let web: Web;
let fleet: TestFleet;
/** When each domain's circuit opened for the first time. */
const openedAt = new Map<string, number>();
let stopListening: () => void;
const log = new RecordingLog();

beforeAll(async () => {
  const hosts: Record<string, Site> = {
    "failing.test": failing.site("failing.test"),
    "cutting.test": cutting.site("cutting.test"),
    "lost.test": lost.site("lost.test"),
    "robots.test": { pages: { "/robots.txt": onceThrottled(() => ({ status: 404 })), "/": html("home") } },
    "sitemaps.test": {
      pages: {
        "/robots.txt": { status: 404 },
        "/sitemap.xml": () =>
          sitemapIndexOf([1, 2, 3].map((n) => web.url("sitemaps.test", `/part-${n}.xml`))),
        "/part-1.xml": () => listed("sitemaps.test", 0, 5),
        "/part-2.xml": onceThrottled(() => listed("sitemaps.test", 5, 10)),
        "/part-3.xml": () => listed("sitemaps.test", 10, 15),
      },
      otherwise: html("page"),
    },
    "closed.test": {
      pages: {
        "/robots.txt": { status: 404 },
        "/sitemap.xml": () => sitemapIndexOf([web.url("closed.test", "/part.xml")]),
        "/part.xml": { status: 429, headers: { "retry-after": "0" } },
        "/": html("home"),
      },
    },
    "patchy.test": {
      pages: {
        "/robots.txt": { status: 404 },
        "/sitemap.xml": () => listed("patchy.test", 0, 25),
        ...Object.fromEntries([4, 8, 12, 16, 20, 24].map((n) => [`/page-${n}`, text("broken", 500)])),
      },
      otherwise: html("page"),
    },
    "moved.test": {
      pages: { "/robots.txt": { status: 404 }, "/sitemap.xml": () => listed("moved.test", 0, 10) },
      otherwise: ({ url }) => redirect(web.url("www.moved.test", url)),
    },
    "www.moved.test": {
      pages: { "/robots.txt": onceThrottled(() => robotsTxt("User-agent: *", "Disallow: /page-3")) },
      otherwise: html("page"),
    },
  };
  web = await startWeb({ hosts });
  const rules = Object.fromEntries(Object.keys(hosts).map((host) => [host, RULE]));
  fleet = await startFleet({ rules, log, breaker: { ...SETTINGS, openings: 4 } });
  stopListening = await listenControl(fleet.redis, (message) => {
    if (message.type !== "domain-closing" || message.openings === 0) return;
    if (!openedAt.has(message.domain)) openedAt.set(message.domain, monotonicMs());
  });
});
afterAll(async () => {
  stopListening();
  await fleet.stop();
  await web.stop();
});

const submit = (host: string) => fleet.submit({ url: web.url(host), verify: "none" });

/** The next opening of a domain's circuit, by its number in a row. */
async function opening(domain: string, number: number): Promise<void> {
  const isIt = () =>
    log
      .of("a domain fails and is left alone")
      .some(({ fields }) => fields["domain"] === domain && Number(fields["openings"]) >= number);
  while (!isIt()) await log.next("a domain fails and is left alone");
}

const isFailure = ({ path, status }: RequestEntry) => path !== "/robots.txt" && status !== 200;

/** Requests since the circuit opened, but for those that nobody could stop any more. */
function afterOpening(host: string): RequestEntry[] {
  const heldFrom = openedAt.get(host)! + HEARD_MS;
  return web.logOf(host).entries.filter(({ startedAt }) => startedAt > heldFrom);
}

function expectWhole({ status, counts }: Job): void {
  expect(status).toBe("completed");
  expect(countsAddUp(counts)).toBe(true);
  expect(counts).toMatchObject({ total: PATHS.length + 1, pending: 0, released: 0 });
}

describe.each([
  ["answers 500", "failing.test", failing],
  ["cuts connections off", "cutting.test", cutting],
])("a site that %s", (_, host, patient) => {
  test("is asked by nobody but one at a time, each after twice the time, and all go on when it is well", async () => {
    const id = await submit(host);
    await opening(host, 3);
    patient.mood = "well";
    const job = await fleet.ended(id);
    await web.logOf(host).idle();
    expectWhole(job);
    const tries = afterOpening(host);
    const before = web
      .logOf(host)
      .entries.filter((entry) => isFailure(entry) && entry.startedAt < tries[0]!.startedAt);
    // Counted together: three workers that each count for themselves would need up to 13.
    expect(before.length).toBeLessThan(BREAKER_SETTINGS.failures + RULE.concurrency);
    const recovered = tries.findIndex((entry) => !isFailure(entry));
    expect(recovered).toBe(2);
    const [first, second, good] = tries as [RequestEntry, RequestEntry, RequestEntry];
    expect(second.startedAt - first.endedAt!).toBeGreaterThan(2 * SETTINGS.firstMs - SHORTER_MS);
    expect(good.startedAt - second.endedAt!).toBeGreaterThan(4 * SETTINGS.firstMs - SHORTER_MS);
    for (const path of PATHS) expect(web.logOf(host).entries.some((entry) => entry.path === path)).toBe(true);
  });
});

test("what is left of a site that stays down ends as unreachable, with the reason", async () => {
  const id = await submit("lost.test");
  const job = await fleet.ended(id);
  expectWhole(job);
  const tries = afterOpening("lost.test");
  expect(tries).toHaveLength(3);
  const pages = await listPages(fleet.db, id, { outcome: "unreachable", limit: 200 });
  expect(pages.length).toBeGreaterThan(20);
  const reason =
    "the domain failed at 4 tries in a row, each after a longer pause (answered 500), so this page was not tried any more";
  // Of those that were asked for, it also says what they answered.
  const reasons = new Set(pages.map((page) => page.reason?.replace("answered 500; ", "")));
  expect(reasons).toEqual(new Set([reason]));
});

test("a site of which some pages are broken is not down, however often those are tried", async () => {
  const { id } = await fleet.ended(await submit("patchy.test"));
  const broken = await listPages(fleet.db, id, { outcome: "broken", limit: 200 });
  expect(broken.map(({ attempts }) => attempts)).toEqual([3, 3, 3, 3, 3, 3]);
  expect(await getJob(fleet.db, id)).toMatchObject({ counts: { total: 26, succeeded: 20, failed: 6 } });
  expect(openedAt.has("patchy.test")).toBe(false);
}, 30_000);

describe("a site that asks for quiet", () => {
  /** Nothing is asked for from the answer on, as long as it said; then the same again. */
  function expectQuiet(host: string, path: string): void {
    const { entries } = web.logOf(host);
    const plea = entries.find((entry) => entry.path === path)!;
    const after = entries.filter(({ startedAt }) => startedAt > plea.endedAt! + HEARD_MS);
    expect(after[0]!.startedAt - plea.endedAt!).toBeGreaterThan(1_000 - SHORTER_MS);
    expect(after.some((entry) => entry.path === path && entry.status !== 429)).toBe(true);
  }

  test("at its robots.txt is asked for it again after that", async () => {
    const job = await fleet.ended(await submit("robots.test"));
    expect(job).toMatchObject({ status: "completed", counts: { total: 1, succeeded: 1 } });
    expectQuiet("robots.test", "/robots.txt");
  });

  test("in the middle of its sitemaps gets it, and none of them is left out", async () => {
    const job = await fleet.ended(await submit("sitemaps.test"));
    expect(job).toMatchObject({ status: "completed", warnings: [], counts: { total: 16, succeeded: 16 } });
    // Sixteen pages are not yet the way back.
    const { backoff } = (await getDomain(fleet.db, "sitemaps.test"))!;
    expect(backoff).toMatchObject({ reason: "refused", until: null });
    expectQuiet("sitemaps.test", "/part-2.xml");
  });

  test("at the robots.txt that its pages lead to has all of them visited after that", async () => {
    const job = await fleet.ended(await submit("moved.test"));
    expect(job).toMatchObject({ status: "completed", counts: { total: 11, succeeded: 10, skipped: 1 } });
    expectQuiet("www.moved.test", "/robots.txt");
  });

  test("at a sitemap for ever has the pages checked that are known, and the job says so", async () => {
    const id = await submit("closed.test");
    await fleet.until(id, ({ counts }) => counts.total === 1);
    // Each pause is twice as long as the one before: after three more the next failure is the last.
    await fleet.db.updateTable("jobs").set({ failed_expansions: 4 }).where("id", "=", id).execute();
    const job = await fleet.ended(id);
    expect(job).toMatchObject({ status: "completed", counts: { total: 1, succeeded: 1 } });
    expect(job.warnings).toEqual([
      "its sitemaps were not read to the end, so pages may be missing: answered 429 with Retry-After: 0",
    ]);
  });
});
