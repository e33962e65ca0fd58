import { type Fleet, fleetName } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { insertJob } from "./insert-job.ts";
import { beginExpansion } from "./job-transitions.ts";
import { getJob, readWorkload } from "./jobs.ts";
import { listFleetsWithJobs, listOpenJobs, moveJobs } from "./move-jobs.ts";
import { found, OPTIONS, openFixture } from "./testing/fixtures.ts";

const EU = { region: "eu", workerClass: "general" };
const US = { region: "us", workerClass: "high-capacity" };
const DOMAIN = "both.test";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

async function seed(fleet: Fleet): Promise<string> {
  const rule = { requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" as const };
  const domainId = await ensureDomain(db, DOMAIN, rule);
  const job = {
    keyId,
    url: `https://${DOMAIN}/`,
    domainId,
    tier: "normal" as const,
    options: OPTIONS,
    ...fleet,
  };
  const { id } = await insertJob(db, { ...job, webhookUrl: null, idempotency: null });
  await beginExpansion(db, id);
  await addPages(db, id, DOMAIN, found(10, `https://${DOMAIN}/`));
  return id;
}

test("what is released of a domain tells the fleet of its job, also of one that has been handed over", async () => {
  const [eu, us] = [await seed(EU), await seed(US)];
  await db.updateTable("domains").set({ slow_start: false }).where("name", "=", DOMAIN).execute();
  const first = await releaseDomain(db, DOMAIN);
  const fleetsOf = (job: string, { visits }: typeof first) =>
    new Set(visits.filter(({ task }) => task.job === job).map(fleetName));
  expect(fleetsOf(eu, first)).toEqual(new Set(["eu/general"]));
  expect(fleetsOf(us, first)).toEqual(new Set(["us/high-capacity"]));

  const reason = "eu/general has no worker left";
  await db.updateTable("domains").set({ released: 0 }).where("name", "=", DOMAIN).execute();
  const moved = await moveJobs(db, [{ job: { id: eu, domain: DOMAIN }, to: { ...US, reason } }]);
  expect(fleetsOf(eu, moved)).toEqual(new Set(["us/high-capacity"]));
  expect(await getJob(db, eu)).toMatchObject({ ...US, routing: reason });
  expect(await listFleetsWithJobs(db)).toEqual([US]);
  expect((await listOpenJobs(db, US, 10)).map(({ id }) => id)).toEqual([eu, us]);
  expect((await listOpenJobs(db, US, 1)).map(({ id }) => id)).toEqual([eu]);
});

test("the workload is counted by fleet, and over all", async () => {
  expect(await readWorkload(db, EU)).toMatchObject({ activeJobs: 0, pendingPages: 0 });
  expect((await readWorkload(db, US)).activeJobs).toBe(2);
  expect((await readWorkload(db)).activeJobs).toBe(2);
});
