import { JOB_ORDERS, type JobOrder, type Settlement, type VisitTask } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { cancelJob, pauseJob, resumeJob, retryJob } from "./job-orders.ts";
import { failJob, finishExpansion } from "./job-transitions.ts";
import type { Release } from "./release.ts";
import { settle } from "./settle.ts";
import { sweepJob } from "./sweep.ts";
import { found, OK, openFixture, resultOf, SEEN, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const ORDERS = { cancel: cancelJob, pause: pauseJob, resume: resumeJob, retry: retryJob };

const SETTLEMENTS: readonly Settlement[] = [
  OK,
  { ...OK, outcome: "broken", cache: "none" } as Settlement,
  { ...OK, outcome: "unreachable", cache: "none" } as Settlement,
  { type: "prove", delayMs: 0, seen: SEEN },
  { type: "retry", delayMs: 0, reason: "refused", status: null },
  { type: "hand-back", delayMs: 0, closed: null, reason: "stopped" },
  // The third in a row ends what waits.
  {
    type: "hand-back",
    delayMs: 0,
    closed: "retry-after",
    reason: "answered 429",
    refused: { askedMs: 3_600_000 },
  },
];

/** What may happen to two jobs of a domain: an order to one, a visit's end, or what the leader and the wakes do. */
type Step =
  | { readonly type: "order"; readonly order: JobOrder; readonly job: number }
  | { readonly type: "settle"; readonly settlement: Settlement; readonly task: number }
  | { readonly type: "finish" | "fail" | "add"; readonly job: number }
  | { readonly type: "sweep" | "wake" };

const job = fc.nat(1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant("order" as const),
        order: fc.constantFrom(...JOB_ORDERS),
        job,
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constant("settle" as const),
        settlement: fc.constantFrom(...SETTLEMENTS),
        task: fc.nat(4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom("finish" as const, "finish" as const, "fail" as const, "add" as const),
        job,
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("sweep" as const, "wake" as const) }) },
  ),
  { minLength: 10, maxLength: 40 },
) as fc.Arbitrary<Step[]>;

let domains = 0;

/** Two jobs of a domain, and every task that was ever given out, so that late results come, too. */
class World {
  readonly domain = `any-${domains++}.test`;
  readonly jobs: { id: string; domain: string }[] = [];
  readonly tasks: VisitTask[] = [];

  async begin(): Promise<void> {
    for (const prefix of ["a", "b"]) {
      const id = await seedJob(db, { keyId, domain: this.domain });
      this.jobs.push({ id, domain: this.domain });
      this.#take((await addPages(db, id, this.domain, found(2, `https://${this.domain}/${prefix}`))).release);
    }
  }

  async take(step: Step): Promise<void> {
    const { domain, jobs, tasks } = this;
    switch (step.type) {
      case "order": {
        const ordered = await ORDERS[step.order](db, jobs[step.job]!).catch(refused);
        if (ordered !== undefined) this.#take(ordered.release);
        return;
      }
      case "settle": {
        // The newest tasks first; an older one was settled before, or belongs to an older lease.
        const task = tasks.at(-1 - (step.task % Math.max(1, tasks.length)));
        if (task === undefined) return;
        this.#take((await settle(db, [resultOf(task, step.settlement)])).release);
        return;
      }
      case "finish":
        return this.#take(await finishExpansion(db, jobs[step.job]!.id, domain, []));
      case "fail":
        return this.#take(await failJob(db, jobs[step.job]!.id, domain, "its robots.txt cannot be read"));
      case "add": {
        const pages = found(1, `https://${domain}/more-${tasks.length}-`);
        return this.#take((await addPages(db, jobs[step.job]!.id, domain, pages)).release);
      }
      case "sweep":
        for (const swept of jobs) this.#take((await sweepJob(db, swept)).release);
        return;
      case "wake":
        // Whatever it was closed for is over.
        await db.updateTable("domains").set({ closed_until: null }).where("name", "=", domain).execute();
        return this.#take(await releaseDomain(db, domain));
    }
  }

  #take(release: Release): void {
    this.tasks.push(...release.visits.map(({ task }) => task));
  }
}

function refused(error: { code?: string }): undefined {
  if (error.code !== "conflict") throw error;
}

/** What is wrong with the jobs of a domain: their counters, their tallies, the domain's window, their states. */
async function faultsOf(domain: string): Promise<unknown[]> {
  const { rows } = await sql`
    with counted as (
      select j.id, count(p.id) as total, count(*) filter (where p.state = 'pending') as pending,
        count(*) filter (where p.state = 'released') as released, count(*) filter (where p.state = 'succeeded') as succeeded,
        count(*) filter (where p.state = 'failed') as failed, count(*) filter (where p.state = 'cancelled') as cancelled,
        count(*) filter (where (p.outcome is null) <> (p.state in ('pending', 'released'))) as undecided
      from jobs j left join pages p on p.job_id = j.id group by j.id
    )
    select j.status, j.sweep, c.* from jobs j join counted c using (id) join domains d on d.id = j.domain_id
    where d.name = ${domain} and (
      (j.total, j.pending, j.released, j.succeeded, j.failed, j.cancelled)
        is distinct from (c.total, c.pending, c.released, c.succeeded, c.failed, c.cancelled)
      or c.undecided > 0
      or j.succeeded + j.failed + j.skipped + j.cancelled
        <> (select coalesce(sum(pages), 0) from tallies where job_id = j.id)
      or exists (select from tallies t where t.job_id = j.id and t.pages <>
        (select count(*) from pages where job_id = j.id and outcome = t.outcome and coalesce(cache, 'none') = t.cache))
      or d.released <> (select sum(released) from jobs where domain_id = d.id)
      or (j.status in ('completed', 'cancelled', 'failed')) <> (j.finished_at is not null)
      or (j.status = 'completed' and j.pending + j.released > 0)
      or (j.status in ('cancelled', 'failed') and j.released > 0)
      or (j.status = 'running' and j.sweep is null and j.pending + j.released = 0))`.execute(db);
  return rows;
}

test("whatever happens to two jobs of a domain in whatever order, every page is counted once, where it is", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const world = new World();
      await world.begin();
      for (const step of taken) {
        await world.take(step);
        expect(await faultsOf(world.domain)).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
