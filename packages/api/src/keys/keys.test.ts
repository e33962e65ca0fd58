import { ADMIN_KEY_ID } from "@bee/store";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const create = async (json: object) => (await api.ask("/v1/keys", { json })).json;

describe("keys", () => {
  test("are made by operators, and shown once", async () => {
    const { status, json } = await api.ask("/v1/keys", {
      json: { name: "Ada", plan: "premium", expiresAt: "2100-01-01T00:00:00Z" },
    });
    expect([status, json]).toEqual([
      201,
      {
        ...{ id: expect.any(String), secret: expect.stringMatching(/^bee_\S{43}$/) },
        ...{ name: "Ada", plan: "premium", readOnly: false, ownerId: null },
        ...{ createdAt: expect.any(String), expiresAt: "2100-01-01T00:00:00.000Z" },
        ...{ lastUsedAt: null, revokedAt: null },
      },
    ]);
    expect((await api.ask("/v1/jobs", { key: json.secret })).status).toBe(200);
    const list = await api.ask("/v1/keys");
    const { secret, ...shown } = json;
    expect(list.json.keys).toContainEqual({ ...shown, lastUsedAt: expect.any(String) });
    expect(list.text).not.toContain(secret);
  });

  test("open nothing any more from the answer on that says they are revoked", async () => {
    const { id, secret } = await create({ name: "Bob", plan: "standard" });
    const { status, json } = await api.ask(`/v1/keys/${id}`, { method: "DELETE" });
    expect([status, json.id, json.revokedAt]).toEqual([200, id, expect.any(String)]);
    expect((await api.ask("/v1/jobs", { key: secret })).status).toBe(401);
    // Repeated, it is no error.
    expect((await api.ask(`/v1/keys/${id}`, { method: "DELETE" })).json).toEqual(json);
  });

  test("are listed page by page, the newest first", async () => {
    const ids = [];
    for (const name of ["1", "2", "3"]) ids.unshift((await create({ name, plan: "standard" })).id);
    const first = (await api.ask("/v1/keys?limit=2")).json;
    const second = (await api.ask(`/v1/keys?limit=1&cursor=${first.nextCursor}`)).json;
    expect([...first.keys, ...second.keys].map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test.each([
    ["no name", { plan: "standard" }, "/name"],
    ["a blank name", { name: " ", plan: "standard" }, "/name"],
    ["a long name", { name: "x".repeat(101), plan: "standard" }, "/name"],
    ["another plan", { name: "x", plan: "gold" }, "/plan"],
    ["an end that is past", { name: "x", plan: "standard", expiresAt: "2020-01-01T00:00:00Z" }, "/expiresAt"],
    ["an end that is no moment", { name: "x", plan: "standard", expiresAt: "90d" }, "/expiresAt"],
    ["an owner of a key that orders", { name: "x", plan: "standard", ownerId: ADMIN_KEY_ID }, "/ownerId"],
    ["a field that nobody knows", { name: "x", plan: "standard", scope: "all" }, "/scope"],
  ])("with %s are refused", async (_name, json, pointer) => {
    const problem = problemIn(await api.ask("/v1/keys", { json }));
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  test("of nobody cannot be revoked, that of the configuration only there", async () => {
    for (const id of ["17", "01a207a2-36d3-76e7-a6e9-21644bcea641"]) {
      expect(problemIn(await api.ask(`/v1/keys/${id}`, { method: "DELETE" })).status).toBe(404);
    }
    const own = await api.ask(`/v1/keys/${ADMIN_KEY_ID}`, { method: "DELETE" });
    expect(problemIn(own)).toMatchObject({ status: 409, detail: expect.stringContaining("BEE_ADMIN_KEY") });
  });

  test.each(["standard", "premium"] as const)(
    "are nothing for %s keys, nor is the audit log",
    async (plan) => {
      const { secret: key } = await api.newKey(plan);
      for (const ask of [
        api.ask("/v1/keys", { key }),
        api.ask("/v1/keys", { key, json: { name: "x", plan: "operator" } }),
        api.ask(`/v1/keys/${ADMIN_KEY_ID}`, { key, method: "DELETE" }),
        api.ask("/v1/audit", { key }),
      ]) {
        expect(problemIn(await ask)).toMatchObject({ status: 403, code: "forbidden" });
      }
    },
  );
});

describe("a key that only reads", () => {
  test("sees the jobs of its owner and no others, and orders nothing", async () => {
    const owner = await create({ name: "owner", plan: "standard" });
    const reader = await create({ name: "reader", plan: "standard", readOnly: true, ownerId: owner.id });
    const { json: own } = await api.ask("/v1/jobs", { key: owner.secret, json: { domain: "own.example" } });
    await api.ask("/v1/jobs", { json: { domain: "others.example" } });
    const { json } = await api.ask("/v1/jobs", { key: reader.secret });
    expect(json.jobs.map(({ id }: { id: string }) => id)).toEqual([own.id]);
    expect((await api.ask(`/v1/jobs/${own.id}/report`, { key: reader.secret })).status).toBe(200);
    for (const [path, body] of [
      ["/v1/jobs", { domain: "more.example" }],
      [`/v1/jobs/${own.id}/cancel`, {}],
    ] as const) {
      expect(problemIn(await api.ask(path, { key: reader.secret, json: body }))).toMatchObject({
        ...{ status: 403, code: "forbidden" },
        detail: "expected a key that may change things, got one that may only read",
      });
    }
    expect((await api.ask("/v1/session", { key: reader.secret })).json).toMatchObject({ role: "reader" });
    await api.ask(`/v1/keys/${owner.id}`, { method: "DELETE" });
    expect((await api.ask("/v1/jobs", { key: reader.secret })).status).toBe(401);
  });

  test("of an operator sees everything, and orders nothing", async () => {
    const { secret: key } = await create({ name: "screen", plan: "operator", readOnly: true });
    const { json: job } = await api.ask("/v1/jobs", { json: { domain: "all.example" } });
    for (const path of [`/v1/jobs/${job.id}`, "/v1/keys", "/v1/audit", "/v1/fleet", "/queues"]) {
      expect([path, (await api.ask(path, { key })).status]).toEqual([path, 200]);
    }
    for (const [method, path] of [
      ["POST", "/v1/keys"],
      ["PUT", "/v1/domains/all.example/rule"],
      ["POST", "/v1/domains/all.example/pause"],
      ["POST", `/v1/jobs/${job.id}/cancel`],
      ["PUT", "/queues/api/queues/pause"],
    ] as const) {
      const { status } = await api.ask(path, { key, method, json: {} });
      expect([path, status]).toEqual([path, 403]);
    }
    expect((await api.ask("/queues/api/queues", { key })).json.queues[0].readOnlyMode).toBe(true);
  });
});
