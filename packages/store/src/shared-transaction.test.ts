import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { addPages } from "./frontier.ts";
import { getJob } from "./jobs.ts";
import { inSharedDomains } from "./shared-transaction.ts";
import { found, openFixture, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

async function transactionOf(tx: Tx): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(tx);
  return rows[0]!.id;
}

/** Has a transaction under way until the returned function is called; that gives the transaction's id. */
function keepBusy(): () => Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = inSharedDomains(db, [], 0, async ({ tx }) => {
    await promise;
    return transactionOf(tx);
  });
  return async () => {
    resolve();
    return (await first).value;
  };
}

const join = async (rows: number) =>
  (await inSharedDomains(db, [], rows, ({ tx }) => transactionOf(tx))).value;

test("those that come while a transaction is under way share the next one, unless they write too much", async () => {
  const goOn = keepBusy();
  const [one, two, many, three] = [join(100), join(100), join(1_000), join(1)];
  const first = await goOn();
  const ids = await Promise.all([one, two, many, three]);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set([first, ...ids]).size).toBe(4);
});

test("each has what was released of its own domains", async () => {
  const names = ["shared-a.test", "shared-b.test"];
  const jobs = await Promise.all(names.map((domain) => seedJob(db, { keyId, domain })));
  const goOn = keepBusy();
  const adding = jobs.map((job, i) => addPages(db, job, names[i]!, found(2, `https://${names[i]}/`)));
  await goOn();
  const released = (await Promise.all(adding)).map(({ release }) =>
    release.visits.map(({ task }) => task.job),
  );
  expect(released).toEqual(jobs.map((job) => [job]));
});

test("a job has no more pages than it may, also when two find them at once", async () => {
  const domain = "cap.test";
  const job = await seedJob(db, { keyId, domain, options: { maxPages: 3 } });
  const goOn = keepBusy();
  const adding = ["a", "b"].map((name) => addPages(db, job, domain, found(2, `https://cap.test/${name}`)));
  await goOn();
  expect(await Promise.all(adding)).toMatchObject([
    { added: 2, overCap: 0 },
    { added: 1, overCap: 1 },
  ]);
  expect((await getJob(db, job))!.counts).toMatchObject({ total: 3 });
});

test("one that fails takes nobody with it", async () => {
  const domain = "beside.test";
  const job = await seedJob(db, { keyId, domain });
  const goOn = keepBusy();
  const adding = addPages(db, job, domain, found(1, "https://beside.test/"));
  const failing = inSharedDomains(db, [domain], 1, async ({ tx, ledger }) => {
    ledger.created(job, "pending", 1);
    await sql`select 1 / 0`.execute(tx);
  });
  await goOn();
  await expect(failing).rejects.toThrow("division by zero");
  expect(await adding).toMatchObject({ added: 1 });
  expect((await getJob(db, job))!.counts).toMatchObject({ total: 1, released: 1 });
});
