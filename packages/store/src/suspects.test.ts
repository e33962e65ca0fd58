import type { VisitTask } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import { reclaimPages } from "./reconcile.ts";
import { settle } from "./settle.ts";
import { acquitSuspect, noteSuspectStart, readSuspectStarts } from "./suspects.ts";
import { found, openFixture, resultOf, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

async function releaseOne(domain: string): Promise<VisitTask> {
  const job = await seedJob(db, { keyId, domain });
  const { release } = await addPages(db, job, domain, found(1, `https://${domain}/`));
  return release.visits[0]!.task;
}

test("a page stays a suspect when it is released anew, whatever Redis has lost", async () => {
  const task = await releaseOne("suspect.test");
  expect(task.suspect).toBe(false);
  await noteSuspectStart(db, task.page);
  const { visits } = await reclaimPages(db, [task]);
  expect(visits.map(({ task: { page, suspect } }) => ({ page, suspect }))).toEqual([
    { page: task.page, suspect: true },
  ]);
  expect(await readSuspectStarts(db, task.page)).toBe(1);
});

test("handing it back does not acquit it", async () => {
  const task = await releaseOne("acquitted.test");
  await noteSuspectStart(db, task.page);
  const settlement = { type: "hand-back", delayMs: 0, closed: null, reason: "the job was paused" } as const;
  await settle(db, [resultOf(task, settlement)]);
  expect(await readSuspectStarts(db, task.page)).toBe(1);
  await acquitSuspect(db, task.page);
  expect(await readSuspectStarts(db, task.page)).toBe(0);
});
