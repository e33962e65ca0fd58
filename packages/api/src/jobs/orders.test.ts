import { silentLog } from "@bee/core";
import { openRedis, type Redis } from "@bee/queue";
import { addPages, beginExpansion, failJob, settle, sweepJob } from "@bee/store";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { heardDuring } from "../testing/heard-during.ts";
import { waitingTasks } from "../testing/look.ts";
import { done, finishJob } from "../testing/seed.ts";

let api: ApiUnderTest;
let redis: Redis;
beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

async function submit(domain: string, more: object = {}) {
  const answer = await api.ask("/v1/jobs", { json: { domain, ...more } });
  return answer.json as { id: string; domain: string };
}

const found = (...urls: string[]) => urls.map((url) => ({ url, foundOn: null, disallowedBy: null }));
const order = (id: string, what: string) => api.ask(`/v1/jobs/${id}/${what}`, { method: "POST" });

describe("cancelling", () => {
  const cancel = (id: string) => order(id, "cancel");

  test("ends the job with all its pages, and once more changes nothing", async () => {
    const job = await submit("cancel.example");
    await beginExpansion(api.db, job.id);
    await addPages(api.db, job.id, job.domain, found("https://cancel.example/", "https://cancel.example/a"));
    const { status, json } = await cancel(job.id);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: job.id,
      status: "cancelled",
      counts: { total: 2, pending: 0, released: 0, cancelled: 2 },
      outcomes: { cancelled: 2 },
      etaSeconds: null,
    });
    expect((await cancel(job.id)).json).toEqual(json);
  });

  test("is refused when the job has ended otherwise", async () => {
    const job = await submit("over.example");
    await finishJob(api.db, job, { "https://over.example/": done() });
    expect(problemIn(await cancel(job.id))).toMatchObject({ status: 409, code: "conflict" });
    expect((await api.ask(`/v1/jobs/${job.id}`)).json).toMatchObject({ status: "completed" });
  });

  test("is told to the workers", async () => {
    const job = await submit("told.example");
    const message = await heardDuring(redis, () => order(job.id, "cancel"));
    expect(message).toEqual({ type: "job-stopped", job: job.id });
  });

  test("lets the domain's next job go on at once", async () => {
    const [first, second] = [await submit("shared.example"), await submit("shared.example")];
    for (const job of [first, second]) await beginExpansion(api.db, job.id);
    // A domain that has not answered yet has room for one page.
    await addPages(api.db, first.id, first.domain, found("https://shared.example/"));
    await addPages(api.db, second.id, second.domain, found("https://shared.example/"));
    await cancel(first.id);
    const { json } = await api.ask(`/v1/jobs/${second.id}`);
    expect(json.counts).toMatchObject({ pending: 0, released: 1 });
    expect(await waitingTasks(api, "normal")).toContainEqual(expect.stringMatching(/^page-\d+-1$/));
  });

  test("of a large job is answered at once, and ends all its pages soon", async () => {
    const job = await submit("large.example", { maxPages: 10_000 });
    await beginExpansion(api.db, job.id);
    const urls = Array.from({ length: 5_000 }, (_, i) => `https://large.example/${i}`);
    await addPages(api.db, job.id, job.domain, found(...urls));
    const { json } = await cancel(job.id);
    expect(json).toMatchObject({ status: "cancelled", counts: { total: 5_000, released: 0 } });
    for (;;) {
      const { counts } = (await api.ask(`/v1/jobs/${job.id}`)).json;
      expect(counts.pending + counts.cancelled).toBe(5_000);
      if (counts.pending === 0) break;
    }
    expect((await sweepJob(api.db, job)).done).toBe(true);
  });
});

describe("pausing and resuming", () => {
  async function startJob(domain: string) {
    const job = await submit(domain);
    await beginExpansion(api.db, job.id);
    const urls = [`https://${domain}/`, `https://${domain}/a`];
    return { ...job, ...(await addPages(api.db, job.id, domain, found(...urls))) };
  }

  test("keeps the pages, says why they wait, and is done once however often it is asked", async () => {
    const job = await startJob("pause.example");
    const { status, json } = await order(job.id, "pause");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: "paused",
      finishedAt: null,
      counts: { total: 2, pending: 1, released: 1 },
      waiting: [{ reason: "paused", pages: 2, until: null }],
    });
    expect((await order(job.id, "pause")).json.status).toBe("paused");
    expect((await order(job.id, "resume")).json.status).toBe("expanding");
    expect((await order(job.id, "resume")).json.status).toBe("expanding");
  });

  test("is told to the workers", async () => {
    const job = await startJob("tell.example");
    const paused = await heardDuring(redis, () => order(job.id, "pause"));
    expect(paused).toEqual({ type: "job-stopped", job: job.id });
    const resumed = await heardDuring(redis, () => order(job.id, "resume"));
    expect(resumed).toEqual({ type: "job-resumed", job: job.id });
  });

  test("brings the pages and the expansion back into the queues", async () => {
    const job = await startJob("back.example");
    await order(job.id, "pause");
    const { task } = job.release.visits[0]!;
    await settle(api.db, [{ ...task, inTime: true, settlement: done() }]);
    await order(job.id, "resume");
    const tasks = await waitingTasks(api, "normal");
    expect(tasks).toContain(`expand-${job.id}`);
    expect(tasks).toContain(`page-${Number(task.page) + 1}-1`);
  });

  test.each(["pause", "resume"])("of an ended job by %s is refused", async (what) => {
    const job = await submit(`ended-${what}.example`);
    await order(job.id, "cancel");
    const problem = problemIn(await order(job.id, what));
    expect(problem).toMatchObject({ status: 409, code: "conflict" });
    expect(problem.detail).toMatch(/got one that is cancelled/);
  });
});

describe("a retry", () => {
  test("puts the failed pages of a completed job on their way again", async () => {
    const job = await submit("retry.example");
    await finishJob(api.db, job, {
      "https://retry.example/": done(),
      "https://retry.example/a": done({ outcome: "unreachable", cache: "none" }),
    });
    const { status, json } = await order(job.id, "retry");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: "running",
      finishedAt: null,
      counts: { total: 2, succeeded: 1, failed: 0, released: 1 },
      outcomes: { ok: 1, unreachable: 0 },
    });
    expect(await waitingTasks(api, "normal")).toContainEqual(expect.stringMatching(/^page-\d+-2$/));
  });

  test("of a job that could not be begun begins it again", async () => {
    const job = await submit("failed.example");
    await beginExpansion(api.db, job.id);
    await failJob(api.db, job.id, job.domain, "the name does not exist");
    expect((await order(job.id, "retry")).json).toMatchObject({ status: "pending", failure: null });
    expect(await waitingTasks(api, "normal")).toContain(`expand-${job.id}`);
  });

  test.each([
    ["that has no failed page", "fine", /failed pages.*none/],
    ["that runs", "running", /got one that is pending/],
    ["that was cancelled", "cancelled", /submit its URL as a new job/],
  ] as const)("of a job %s is refused with the reason", async (_, state, reason) => {
    const job = await submit(`${state}.example`);
    if (state === "fine") await finishJob(api.db, job, { "https://fine.example/": done() });
    if (state === "cancelled") await order(job.id, "cancel");
    const before = (await api.ask(`/v1/jobs/${job.id}`)).json;
    const problem = problemIn(await order(job.id, "retry"));
    expect(problem).toMatchObject({ status: 409, code: "conflict", detail: expect.stringMatching(reason) });
    expect((await api.ask(`/v1/jobs/${job.id}`)).json).toMatchObject({ status: before.status });
  });
});
