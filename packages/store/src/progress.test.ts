import { DEFAULT_RULE, HEALTH_DOMAIN } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { submitCanary } from "./canary.ts";
import type { Database } from "./database.ts";
import { countJobsByRegion, readProgress } from "./progress.ts";
import { settle } from "./settle.ts";
import { openFixture, resultOf, seedJob, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const check = () =>
  submitCanary(db, {
    url: `http://${HEALTH_DOMAIN}:3000/livez`,
    home: { region: "default", workerClass: "general" },
    rule: { ...DEFAULT_RULE, source: "default" },
  });

test("pages that are found, visited or ended are progress; jobs and checks that are submitted are none", async () => {
  const still = await readProgress(db);
  await seedJob(db, { keyId, domain: "waits.example" });
  await check();
  expect(await readProgress(db)).toBe(still);
  const { tasks } = await startJob(db, { keyId, domain: "works.example", pages: 2 });
  const found = await readProgress(db);
  expect(found).not.toBe(still);
  await settle(
    db,
    tasks.map((task) => resultOf(task)),
  );
  const visited = await readProgress(db);
  expect(visited).not.toBe(found);
  await db.updateTable("jobs").set({ status: "paused" }).where("total", ">", 0).execute();
  expect(await readProgress(db)).not.toBe(visited);
});

test("regions have jobs as long as these are active, and checks are none", async () => {
  await db.updateTable("jobs").set({ status: "failed" }).execute();
  expect(await countJobsByRegion(db)).toEqual(new Map());
  const [first] = await Promise.all([1, 2].map(() => seedJob(db, { keyId })));
  await db.updateTable("jobs").set({ region: "eu" }).where("id", "=", first!).execute();
  await check();
  expect(await countJobsByRegion(db)).toEqual(
    new Map([
      ["eu", 1],
      ["default", 1],
    ]),
  );
});
