import type { Settlement } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { atOneMoment, type Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import { listDomainJobs, readOutlooks } from "./job-outlook.ts";
import { finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { listOpenVisits } from "./open-visits.ts";
import { expireLeases } from "./reconcile.ts";
import type { Release } from "./release.ts";
import { settle } from "./settle.ts";
import { found, OK, openFixture, resultOf, SEEN, seedJob } from "./testing/fixtures.ts";

let fixture: Awaited<ReturnType<typeof openFixture>>;
let db: Database;
beforeAll(async () => {
  fixture = await openFixture();
  db = fixture.db;
});
afterAll(() => fixture.close());

const PROVE: Settlement = { type: "prove", delayMs: 60_000, seen: SEEN };
const RETRY: Settlement = { type: "retry", delayMs: 90_000, reason: "answered 503", status: 503 };
const slowly = (ttfbMs: number, redirects: string[] = []): Settlement => ({
  ...(OK as Extract<Settlement, { type: "done" }>),
  seen: { ...SEEN, ttfbMs, redirects },
});

async function begin(domain: string, pages: number) {
  const job = await seedJob(db, { keyId: fixture.keyId, domain });
  const { release } = await addPages(db, job, domain, found(pages, `https://${domain}/`));
  await finishExpansion(db, job, domain, []);
  return { job, domain, release };
}

async function settleAs({ visits }: Release, settlements: readonly Settlement[]): Promise<Release> {
  const batch = visits.slice(0, settlements.length).map(({ task }, i) => resultOf(task, settlements[i]));
  return (await settle(db, batch)).release;
}

test("pages that wait for their proof are told from those that wait for another attempt", async () => {
  const { job, release } = await begin("delayed.example", 20);
  const opened = await settleAs(release, [PROVE]);
  await settleAs(opened, [PROVE, RETRY, OK]);
  const { proofs, retries, begun } = (await readOutlooks(db, [job])).get(job)!;
  expect({ proofs: proofs.pages, retries: retries.pages, begun }).toEqual({
    proofs: 2,
    retries: 1,
    begun: 3,
  });
  expect(retries.until!.getTime() - proofs.until!.getTime()).toBeGreaterThan(25_000);
});

test("a domain's answers are those of the pages visited last, however many came before and are still to come", async () => {
  const { job, domain, release } = await begin("answers.example", 300);
  let next = release;
  let settled = 0;
  while (settled < 100) {
    const answers = next.visits.map(() =>
      slowly(settled < 20 ? 9_000 : 1_000, settled < 20 ? [] : [`https://${domain}/hop`]),
    );
    settled += answers.length;
    next = await settleAs(next, answers);
  }
  const { answers } = (await readOutlooks(db, [job])).get(job)!;
  expect(answers).toMatchObject({ answerMs: 1_000, spreadMs: 0, hops: 1 });
  expect(answers.endedMsAgo[0]).toBeGreaterThanOrEqual(0);
  expect(answers.endedMsAgo).toEqual(answers.endedMsAgo.toSorted((a, b) => a - b));
});

test("a job of which nothing has ended has no answers yet", async () => {
  const { job } = await begin("silent.example", 3);
  expect((await readOutlooks(db, [job])).get(job)!.answers).toEqual({
    answerMs: null,
    spreadMs: 0,
    hops: 0,
    endedMsAgo: [],
  });
});

test("the jobs of a domain that have pages to be visited, and no others", async () => {
  const { job, domain } = await begin("shared.example", 3);
  const second = await begin(domain, 7);
  await begin("elsewhere.example", 3);
  const { domainId } = (await getJob(db, job))!;
  const jobs = await listDomainJobs(db, [domainId]);
  expect(jobs).toEqual([
    { id: job, domainId, tier: "normal", proves: true, open: 3, finished: 0, visits: 0 },
    { id: second.job, domainId, tier: "normal", proves: true, open: 7, finished: 0, visits: 0 },
  ]);
});

test("the released pages of a job are as many as it counts, each with its lease", async () => {
  const { job, release } = await begin("open.example", 20);
  await settleAs(release, [OK]);
  await atOneMoment(db, async (tx) => {
    const visits = await listOpenVisits(tx, [job]);
    expect(visits).toHaveLength((await getJob(tx, job))!.counts.released);
    expect(visits.every(({ lease, begun, justReleased }) => lease === 1 && !begun && justReleased)).toBe(
      true,
    );
  });
  await expireLeases(db);
  expect((await listOpenVisits(db, [job])).some(({ justReleased }) => justReleased)).toBe(false);
});
