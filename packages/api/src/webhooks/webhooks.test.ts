import { listDeliveries, takeDelivery } from "@bee/store";
import { runSql } from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { done, finishJob } from "../testing/seed.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const HOOK = "https://hook.example/bee";

async function register(key: string, json: object = { url: HOOK }) {
  return (await api.ask("/v1/webhooks", { key, json })).json;
}

/** A job of a key that has ended. */
async function endJob(key: string, domain: string, more: object = {}) {
  const { json: job } = await api.ask("/v1/jobs", { key, json: { domain, ...more } });
  await finishJob(api.db, job, { [`https://${domain}/`]: done(), [`https://${domain}/a`]: done() });
  return job.id as string;
}

const deliveries = async (key: string, query = "") =>
  (await api.ask(`/v1/webhooks/deliveries${query}`, { key })).json.deliveries;

describe("webhooks", () => {
  test("are registered with a secret that is shown once, and deleted", async () => {
    const { secret: key, id: keyId } = await api.newKey("standard");
    const { status, json } = await api.ask("/v1/webhooks", { key, json: { url: HOOK } });
    const { secret, ...shown } = json;
    expect([status, secret, shown]).toEqual([
      201,
      expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      {
        ...{ id: expect.any(String), keyId, url: HOOK, events: ["job.completed", "job.failed"] },
        ...{ createdAt: expect.any(String), failures: 0, failure: null, disabledAt: null },
      },
    ]);
    const list = await api.ask("/v1/webhooks", { key });
    expect(list.json).toEqual({ webhooks: [shown], nextCursor: null });
    expect((await api.ask(`/v1/webhooks/${json.id}`, { key, method: "DELETE" })).status).toBe(204);
    expect((await api.ask("/v1/webhooks", { key })).json.webhooks).toEqual([]);
    expect((await api.ask(`/v1/webhooks/${json.id}`, { key, method: "DELETE" })).status).toBe(404);
  });

  test("are listed page by page, the newest first", async () => {
    const { secret: key } = await api.newKey("standard");
    const ids = [];
    for (let i = 0; i < 3; i++) ids.unshift((await register(key)).id);
    const first = (await api.ask("/v1/webhooks?limit=2", { key })).json;
    const second = (await api.ask(`/v1/webhooks?cursor=${first.nextCursor}`, { key })).json;
    expect([...first.webhooks, ...second.webhooks].map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test("and deliveries of another key are not there, but for operators, who leave a trace", async () => {
    const [mine, other] = [await api.newKey("standard"), await api.newKey("premium")];
    const { id } = await register(mine.secret);
    await endJob(mine.secret, "mine.example");
    const [delivery] = await deliveries(mine.secret);
    expect((await api.ask("/v1/webhooks", { key: other.secret })).json.webhooks).toEqual([]);
    expect(await deliveries(other.secret)).toEqual([]);
    for (const [method, path] of [
      ["DELETE", `/v1/webhooks/${id}`],
      ["POST", `/v1/webhooks/${id}/enable`],
      ["POST", `/v1/webhooks/deliveries/${delivery.id}/replay`],
      ["POST", "/v1/webhooks/deliveries/17/replay"],
    ] as const) {
      const answer = await api.ask(path, { key: other.secret, method });
      expect([path, problemIn(answer).code]).toEqual([path, "not-found"]);
    }
    expect((await api.ask("/v1/webhooks")).json.webhooks.map((hook: { id: string }) => hook.id)).toContain(
      id,
    );
    await api.ask(`/v1/webhooks/${id}/enable`, { method: "POST" });
    const { entries } = (await api.ask("/v1/audit?limit=1")).json;
    expect(entries).toMatchObject([{ action: "webhook.enable", target: id, outcome: "done" }]);
  });

  test.each([
    ["no URL", {}, 422, "invalid-request", "/url"],
    ["a URL of another scheme", { url: "ftp://hook.example/" }, 422, "invalid-url", "/url"],
    ["a private address", { url: "http://169.254.169.254/" }, 422, "address-not-allowed", "/url"],
    ["an event that is none", { url: HOOK, events: ["job.begun"] }, 422, "invalid-request", "/events/0"],
    ["no event", { url: HOOK, events: [] }, 422, "invalid-request", "/events"],
    ["a field that nobody knows", { url: HOOK, secret: "x" }, 422, "invalid-request", "/secret"],
  ])("with %s are refused", async (_name, json, status, code, pointer) => {
    const problem = problemIn(await api.ask("/v1/webhooks", { json }));
    expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([status, code, pointer]);
  });

  test("for alerts are for operators", async () => {
    const { secret: key } = await api.newKey("premium");
    const json = { url: HOOK, events: ["job.completed", "alert.firing"] };
    expect(problemIn(await api.ask("/v1/webhooks", { key, json }))).toMatchObject({ code: "forbidden" });
    expect((await api.ask("/v1/webhooks", { json })).status).toBe(201);
  });

  test("of a key are twenty at most", async () => {
    const { secret: key } = await api.newKey("standard");
    for (let i = 0; i < 20; i++) await register(key);
    expect(problemIn(await api.ask("/v1/webhooks", { key, json: { url: HOOK } })).code).toBe("conflict");
  });
});

describe("what is told", () => {
  test("of a job is word for word what the API shows of it", async () => {
    const { secret: key } = await api.newKey("standard");
    const id = await endJob(key, "told.example", { webhookUrl: HOOK });
    const { json: job } = await api.ask(`/v1/jobs/${id}`, { key });
    const [{ id: delivery, keyId }] = await deliveries(key);
    const message = await takeDelivery(api.db, `${keyId} https://hook.example`);
    expect([message?.id, message?.url]).toEqual([delivery, HOOK]);
    expect(JSON.parse(message!.body)).toEqual({
      ...{ type: "job.completed", version: 1, timestamp: job.finishedAt },
      data: job,
    });
  });

  test("is listed by job, webhook and state, page by page", async () => {
    const { secret: key } = await api.newKey("standard");
    const { id: webhook } = await register(key);
    const jobs = [];
    for (const domain of ["a.example", "b.example"]) {
      jobs.push(await endJob(key, domain, { webhookUrl: "https://job.example/" }));
    }
    expect(await deliveries(key)).toHaveLength(4);
    expect(await deliveries(key, `?job=${jobs[0]}&webhook=${webhook}&state=waiting`)).toEqual([
      {
        ...{ id: expect.any(String), keyId: expect.any(String), webhookId: webhook, jobId: jobs[0] },
        ...{ type: "job.completed", url: HOOK, state: "waiting", tries: 0, createdAt: expect.any(String) },
        ...{ triedAt: null, nextTryAt: expect.any(String), status: null, failure: null },
      },
    ]);
    expect(await deliveries(key, "?state=delivered")).toEqual([]);
    const first = (await api.ask("/v1/webhooks/deliveries?limit=3", { key })).json;
    const rest = await deliveries(key, `?cursor=${first.nextCursor}`);
    const ids = [...first.deliveries, ...rest].map(({ id }: { id: string }) => id);
    expect(ids).toEqual((await deliveries(key)).map(({ id }: { id: string }) => id));
    expect(problemIn(await api.ask("/v1/webhooks/deliveries?state=lost", { key })).status).toBe(422);
  });

  test("is sent again when it is ordered, but not to a webhook that is disabled", async () => {
    const { secret: key } = await api.newKey("standard");
    const { id: webhook } = await register(key);
    await runSql(
      api.databaseUrl,
      `update webhooks set disabled_at = now(), failures = 9 where id = '${webhook}'`,
    );
    await endJob(key, "again.example");
    const [{ id, state }] = await deliveries(key);
    expect(state).toBe("failed");
    const replay = () => api.ask(`/v1/webhooks/deliveries/${id}/replay`, { key, method: "POST" });
    expect(problemIn(await replay())).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(`POST /v1/webhooks/${webhook}/enable`),
    });
    const enabled = await api.ask(`/v1/webhooks/${webhook}/enable`, { key, method: "POST" });
    expect(enabled.json).toMatchObject({ id: webhook, failures: 0, disabledAt: null });
    expect((await replay()).json).toMatchObject({ id, state: "waiting", tries: 0, failure: null });
    expect(await listDeliveries(api.db, { webhook, limit: 10 })).toHaveLength(1);
  });
});

describe("the secret for the addresses of jobs", () => {
  test("stays the same until it is replaced, and is another for each key", async () => {
    const [{ secret: key }, { secret: other }] = [await api.newKey("standard"), await api.newKey("standard")];
    const ask = async (by: string, method = "GET") =>
      (await api.ask("/v1/webhooks/secret", { key: by, method })).json;
    const first = await ask(key);
    expect(first).toEqual({ secret: expect.stringMatching(/^whsec_/), createdAt: expect.any(String) });
    expect(await ask(key)).toEqual(first);
    expect((await ask(other)).secret).not.toBe(first.secret);
    const second = await ask(key, "POST");
    expect(second.secret).not.toBe(first.secret);
    expect(await ask(key)).toEqual(second);
  });

  test("is nothing for keys that only read", async () => {
    const owner = await api.newKey("standard");
    const { secret: key } = await api.newKey("standard", { readOnly: true, ownerId: owner.id });
    await register(owner.secret);
    expect((await api.ask("/v1/webhooks", { key })).json.webhooks).toHaveLength(1);
    for (const method of ["GET", "POST"]) {
      expect(problemIn(await api.ask("/v1/webhooks/secret", { key, method })).code).toBe("forbidden");
    }
  });
});
