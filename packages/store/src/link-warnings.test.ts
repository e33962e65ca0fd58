import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { beginExpansion, finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { warnOfLeftOut, warnOnce } from "./link-warnings.ts";
import { openFixture, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const leftOut = (sort: string, links: number, example: string) => new Map([[sort, { links, example }]]);
const warningsOf = async (job: string) => (await getJob(db, job))!.warnings;

test("links of one sort are one warning with a sum, however many visits tell of them at once", async () => {
  const job = await seedJob(db, { keyId, domain: "links.test" });
  await warnOfLeftOut(db, job, leftOut("session ids", 2, "http://links.test/?sid=1, such as this"));
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => warnOfLeftOut(db, job, leftOut("session ids", 3, `http://${i}/`))),
  );
  await warnOfLeftOut(db, job, new Map([...leftOut("paths", 1, "/a/\0"), ...leftOut("session ids", 1, "/")]));
  expect(await warningsOf(job)).toEqual([
    "63 links were left out: session ids, such as http://links.test/?sid=1, such as this",
    "1 link was left out: paths, such as /a/",
  ]);
});

test("a warning that a job has already is not added", async () => {
  const job = await seedJob(db, { keyId, domain: "once.test" });
  await Promise.all([warnOnce(db, job, "full"), warnOnce(db, job, "full"), warnOnce(db, job, "empty")]);
  expect((await warningsOf(job)).toSorted()).toEqual(["empty", "full"]);
});

test("warnings of visits outlive the end of the expansion", async () => {
  const job = await seedJob(db, { keyId, domain: "early.test" });
  await beginExpansion(db, job);
  await warnOfLeftOut(db, job, leftOut("paths", 1, "/a"));
  await finishExpansion(db, job, "early.test", ["no sitemap"]);
  expect(await warningsOf(job)).toEqual(["no sitemap", "1 link was left out: paths, such as /a"]);
});
