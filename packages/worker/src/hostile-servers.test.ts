import type { Socket } from "node:net";
import { FleetRegistry } from "@bee/queue";
import { listPages } from "@bee/store";
import {
  type Behaviour,
  HOSTILE_SERVERS,
  HOSTILE_SITEMAPS,
  type HostileServer,
  type HostileWeb,
  heldAtRest,
  heldMegabytes,
  INNER_HOST,
  startHostileWeb,
  trustTestAuthority,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const HONEST = "honest.test";
const FAST = { requestsPerSecond: 100, burst: 50, concurrency: 20 };

/** Every page links to pages that it makes up: to one below itself, with one more filter, of the next month, of a session. */
const trap: Behaviour = (socket, request) => {
  const path = /^GET (\S+)/.exec(request.toString())?.[1] ?? "/";
  const url = new URL(path, "http://trap.test");
  const month = url.searchParams.get("month") ?? new Date().toISOString().slice(0, 7);
  const next = new Date(`${month}-15`).getTime() + 30 * 86_400_000;
  const filters = url.pathname === "/list" ? `${url.search}&` : "?";
  const links = [
    "a/",
    `/list${filters}f${url.searchParams.size}=1`,
    `/calendar?month=${new Date(next).toISOString().slice(0, 7)}`,
    `/?PHPSESSID=${Math.random()}`,
  ];
  const body = links.map((link) => `<a href="${link.replaceAll("&", "&amp;")}">x</a>`).join("");
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
};

let web: HostileWeb;
let fleet: TestFleet;

beforeAll(async () => {
  trustTestAuthority();
  const behaviours = HOSTILE_SERVERS.map(({ host, behaviour }) => [host, behaviour] as const);
  const honest = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const sitemaps = HOSTILE_SITEMAPS.map(({ host, behaviour }) => [`${host}/sitemap.xml`, behaviour] as const);
  const behave = (socket: Socket) => socket.write(honest);
  const homes = [HONEST, ...HOSTILE_SITEMAPS.map(({ host }) => host)].map((host) => [host, behave] as const);
  web = await startHostileWeb(new Map([...behaviours, ...sitemaps, ...homes, ["trap.test", trap]]));
  const environment = { BEE_RESOLVE: `${INNER_HOST}=10.0.0.1,*.test=127.0.0.1` };
  // Two seconds are enough for who answers, also on a machine that is busy.
  fleet = await startFleet({ environment, deadlineMs: 2_000, rules: { "trap.test": FAST } });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

/** Every second row of the table, and all of its sites behind TLS; the crawl package visits each of them. */
const ROWS = HOSTILE_SERVERS.filter(({ scheme }, i) => scheme === "https" || i % 2 === 0);

test("a fleet tells hostile servers by their names and is as fit afterwards as it was before", async () => {
  const loop = watchLoop();
  const heldBefore = heldMegabytes();
  const jobs = await Promise.all(
    ROWS.map(({ scheme, host }) => fleet.submit({ url: `${scheme}://${host}:${web.port}/` })),
  );
  const ends = await Promise.all(jobs.map(endOf));
  expect(ROWS.map(({ name }, i) => ({ name, ...ends[i] }))).toEqual(ROWS.map(expectation));

  const honest = await fleet.submit({ url: `http://${HONEST}:${web.port}/` });
  expect(await endOf(honest)).toEqual({ outcome: "ok", reason: null });
  const workers = await new FleetRegistry(fleet.redis).list();
  expect(workers.map(({ state }) => state)).toEqual(["working", "working", "working"]);
  await web.quiet();
  expect((await heldAtRest()) - heldBefore).toBeLessThan(50);
  // What a hostile server can have a worker do at once is bounded; a busy machine adds to it.
  expect(loop.stop()).toBeLessThan(2_000);
}, 120_000);

/** A thousand sitemaps take minutes at the polite pace. */
const SITEMAPS = HOSTILE_SITEMAPS.filter(({ name }) => name !== "thousands of files");

test("what is wrong with a sitemap is among the warnings of its job, and its home page is visited all the same", async () => {
  const jobs = await Promise.all(
    SITEMAPS.map(({ host }) => fleet.submit({ url: `http://${host}:${web.port}/`, maxPages: 2 })),
  );
  const ended = await Promise.all(jobs.map((id) => fleet.ended(id)));
  const seen = ended.map(({ status, counts, warnings }, i) => ({
    name: SITEMAPS[i]!.name,
    status,
    pages: counts.total,
    warnings,
  }));
  expect(seen).toEqual(
    SITEMAPS.map(({ name, pages, warning }) => ({
      name,
      status: "completed",
      // The home page, and one more where the sitemap has any.
      pages: pages > 0 ? 2 : 1,
      warnings: warningsOf(warning, pages),
    })),
  );
  await web.quiet();
}, 120_000);

test("a site that makes up links without end is left at its bounds, and the job says what was not followed", async () => {
  const id = await fleet.submit({ url: `http://trap.test:${web.port}/`, followLinks: true, maxPages: 1_000 });
  const { status, counts, warnings } = await fleet.ended(id);
  // Two below each other, eight filters, at most two years of months, the home page.
  expect({ status, few: counts.total < 40, sum: counts.succeeded === counts.total }).toEqual({
    status: "completed",
    few: true,
    sum: true,
  });
  const leftOut = warnings.filter((warning) => warning.includes(" left out: "));
  expect(leftOut.sort((a, b) => a.split(":")[1]!.localeCompare(b.split(":")[1]!))).toEqual([
    expect.stringMatching(
      /^1 link was left out: calendars without end, such as http:\/\/trap\.test:\d+\/calendar/,
    ),
    expect.stringMatching(
      /^\d+ links? (?:was|were) left out: paths that repeat themselves, such as http:.+\/a\/a\/a\/$/,
    ),
    expect.stringMatching(
      /^\d+ links? (?:was|were) left out: queries of more than 8 parameters, such as http/,
    ),
    expect.stringMatching(new RegExp(`^${counts.total} links were left out: session ids, such as http`)),
  ]);
}, 60_000);

/** A job that has all its pages stops reading a large sitemap, and a busy machine comes to no end of one. */
function warningsOf(warning: RegExp | null, pages: number) {
  if (warning === null) return expect.any(Array);
  return expect.arrayContaining([
    expect.stringMatching(pages > 1_000 ? /more than maxPages|at most 50000|within/ : warning),
  ]);
}

/** Where robots.txt cannot be read either, the job fails for the reason for which its page would. */
async function endOf(id: string) {
  const { failure } = await fleet.ended(id);
  const [page] = await listPages(fleet.db, id, { limit: 1 });
  return { outcome: page?.outcome ?? "unreachable", reason: page?.reason ?? failure };
}

/** Retried pages say at which attempt they ended, and failed jobs that it was robots.txt: the rest of the reason is the same. */
function expectation({ name, outcome, reason }: HostileServer) {
  const part = reason === null ? null : expect.stringMatching(reason.source.replace("^", ""));
  return { name, outcome, reason: part };
}

/**
 * Follows the event loop: the most milliseconds of CPU that were used between two of its turns. A machine that is busy with
 * something else adds none.
 */
function watchLoop() {
  let most = 0;
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    most = Math.max(most, (user + system) / 1_000);
    last = process.cpuUsage();
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}
