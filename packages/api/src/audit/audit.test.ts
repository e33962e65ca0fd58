import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const RULE = { requestsPerSecond: 1, burst: 2, concurrency: 1 };

/** What is in the log, the oldest first. */
async function logged() {
  const { json } = await api.ask("/v1/audit");
  return json.entries
    .map(({ action, target, outcome }: Record<string, string>) => [action, target, outcome])
    .toReversed();
}

test("every action of an operator stands in the log with its end, and nobody's own orders do", async () => {
  const { secret } = await api.newKey("standard");
  const submit = async (key: string) =>
    (await api.ask("/v1/jobs", { key, json: { domain: "audit.example" } })).json.id;
  const [users, own] = [await submit(secret), await submit(api.adminKey)];
  await api.ask(`/v1/jobs/${users}/pause`, { method: "POST", key: secret });
  await api.ask(`/v1/jobs/${own}/pause`, { method: "POST" });
  expect(await logged()).toEqual([]);

  const id = { "x-request-id": "trace-audit" };
  await api.ask("/v1/domains/audit.example/rule", { method: "PUT", json: RULE, headers: id });
  await api.ask("/v1/domains/audit.example/rule", { method: "DELETE" });
  await api.ask("/v1/domains/audit.example/pause", { method: "POST" });
  await api.ask("/v1/domains/audit.example/resume", { method: "POST" });
  await api.ask(`/v1/jobs/${users}/resume`, { method: "POST" });
  await api.ask(`/v1/jobs/${users}/retry`, { method: "POST" });
  const { json: key } = await api.ask("/v1/keys", { json: { name: "Eve", plan: "standard" } });
  await api.ask(`/v1/keys/${key.id}`, { method: "DELETE" });
  expect(await logged()).toEqual([
    ["rule.set", "audit.example", "done"],
    ["rule.drop", "audit.example", "done"],
    ["domain.pause", "audit.example", "done"],
    ["domain.resume", "audit.example", "done"],
    ["job.resume", users, "done"],
    ["job.retry", users, "conflict"],
    ["key.create", key.id, "done"],
    ["key.revoke", key.id, "done"],
  ]);

  const { json, text } = await api.ask("/v1/audit");
  expect(json.entries.at(-1)).toEqual({
    ...{ id: expect.any(String), at: expect.any(String), keyId: expect.any(String), actor: "admin" },
    ...{ action: "rule.set", target: "audit.example", detail: RULE, request: "trace-audit", outcome: "done" },
  });
  expect(text).not.toContain(key.secret);

  const first = (await api.ask("/v1/audit?limit=5")).json;
  const second = (await api.ask(`/v1/audit?limit=5&cursor=${first.nextCursor}`)).json;
  expect([...first.entries, ...second.entries]).toEqual(json.entries);
});

test("what cannot be written down is not done", async () => {
  await api.ask("/v1/domains/silent.example/rule", { method: "PUT", json: RULE });
  await api.db.schema.alterTable("audit").renameTo("hidden").execute();
  const answer = await api.ask("/v1/domains/silent.example/pause", { method: "POST" });
  await api.db.schema.alterTable("hidden").renameTo("audit").execute();
  expect(answer.status).toBe(500);
  expect((await api.ask("/v1/domains/silent.example")).json.pausedAt).toBeNull();
});
