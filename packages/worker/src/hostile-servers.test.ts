import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { FleetRegistry } from "@bee/queue";
import { listPages } from "@bee/store";
import {
  HOSTILE_SERVERS,
  type HostileServer,
  type HostileWeb,
  heldMegabytes,
  INNER_HOST,
  startHostileWeb,
  TEST_AUTHORITY,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const HONEST = "honest.test";

let web: HostileWeb;
let fleet: TestFleet;

beforeAll(async () => {
  setDefaultCACertificates([...getCACertificates(), TEST_AUTHORITY]);
  const behaviours = HOSTILE_SERVERS.map(({ host, behaviour }) => [host, behaviour] as const);
  const honest = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  web = await startHostileWeb(new Map([...behaviours, [HONEST, (socket) => socket.write(honest)]]));
  const environment = { BEE_RESOLVE: `${INNER_HOST}=10.0.0.1,*.test=127.0.0.1` };
  // Two seconds are enough for who answers, also on a machine that is busy.
  fleet = await startFleet({ environment, deadlineMs: 2_000 });
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
  expect(heldMegabytes() - heldBefore).toBeLessThan(30);
  expect(loop.stop()).toBeLessThan(1_000);
}, 120_000);

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
