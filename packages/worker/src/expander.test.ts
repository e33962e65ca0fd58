import { silentLog } from "@bee/core";
import { html, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Expander, type ExpanderOptions } from "./expander.ts";
import { StoppedJobs } from "./stopped-jobs.ts";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

let web: Web;
let fleet: TestFleet;
/** Resolved when robots.txt of the slow site is asked for, and when it is to answer. */
const asked = Promise.withResolvers<void>();
const speaks = Promise.withResolvers<void>();

beforeAll(async () => {
  const robots = () => {
    asked.resolve();
    return speaks.promise.then(() => ({ status: 404 }));
  };
  web = await startWeb({
    hosts: {
      "deadly.test": { pages: { "/": html("home") } },
      "slow.test": { pages: { "/robots.txt": robots, "/": html("home") } },
      "quiet.test": { pages: { "/": html("home") } },
    },
  });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

test("an expansion that five workers died with is not begun again", async () => {
  await fleet.resize(0);
  const id = await fleet.submit({ url: web.url("deadly.test") });
  const stoppedJobs = new StoppedJobs({ readStopped: async () => [], log: silentLog });
  // Of all that an expansion needs, one that is given up needs only what is here.
  const parts = { db: fleet.db, stoppedJobs, dispatch: async () => {}, log: silentLog };
  const expander = new Expander(parts as unknown as ExpanderOptions);
  await expander.expand({ job: id }, new AbortController().signal, 5);
  const { status, failure } = await fleet.ended(id);
  expect({ status, failure }).toEqual({
    status: "failed",
    failure: "reading its sitemaps ended its worker 5 times",
  });
  await fleet.resize(3);
});

test("an expansion goes on after more outages of Postgres than it may have failures", async () => {
  const id = await fleet.submit({ url: web.url("slow.test") });
  await asked.promise;
  for (let i = 0; i < 6; i++) {
    await fleet.postgres.cut();
    await fleet.postgres.mend();
  }
  speaks.resolve();
  expect((await fleet.ended(id)).status).toBe("completed");
});

test("a domain that has asked for quiet is not asked for a new job's sitemaps", async () => {
  const first = await fleet.submit({ url: web.url("quiet.test") });
  await fleet.ended(first);
  const before = web.logOf("quiet.test").entries.length;
  await fleet.db
    .updateTable("domains")
    .set({ closed_until: new Date(Date.now() + 3_600_000), closed_reason: "retry-after" })
    .where("name", "=", "quiet.test")
    .execute();
  const second = await fleet.submit({ url: web.url("quiet.test") });
  // One that was queued before the domain was closed is not begun either.
  await fleet.queues.addExpansions([{ job: second, tier: "normal" }]);
  const third = await fleet.submit({ url: web.url("slow.test") });
  await fleet.ended(third);
  expect((await fleet.until(second, () => true)).status).toBe("pending");
  expect(web.logOf("quiet.test").entries).toHaveLength(before);
});
