import { changeAlert, readAlertBoard } from "@bee/store";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
  for (const subject of ["a", "b", "c"]) {
    await changeAlert(api.db, { ...ALERT, event: "firing", subject, toldAt: null });
  }
  const { firing } = await readAlertBoard(api.db);
  const { toldAt } = firing.find(({ subject }) => subject === "b")!;
  await changeAlert(api.db, { ...ALERT, event: "resolved", subject: "b", reading: 0, toldAt });
});
afterAll(() => api.stop());

const ALERT = {
  name: "region_down",
  severity: "critical",
  reading: 2,
  threshold: 0,
  detail: "no worker lives there",
  channels: [],
} as const;

const subjects = (json: { alerts: { subject: string }[] }) => json.alerts.map(({ subject }) => subject);
const ask = async (query = "") => (await api.ask(`/v1/alerts${query}`)).json;

test("tells what fires and what is over, the newest first", async () => {
  const json = await ask();
  expect(json).toEqual({ alerts: expect.any(Array), nextCursor: null });
  expect(subjects(json)).toEqual(["c", "b", "a"]);
  expect(json.alerts[1]).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: "region_down",
    subject: "b",
    severity: "critical",
    state: "resolved",
    reading: 0,
    threshold: 0,
    detail: "no worker lives there",
    firedAt: expect.stringMatching(/Z$/),
    resolvedAt: expect.stringMatching(/Z$/),
  });
  expect(json.alerts[0]).toMatchObject({ state: "firing", resolvedAt: null });
});

test.each([
  ["firing", ["c", "a"]],
  ["resolved", ["b"]],
])("filters by state: %s", async (state, expected) => {
  expect(subjects(await ask(`?state=${state}`))).toEqual(expected);
});

test("goes on where a page ended", async () => {
  const first = await ask("?limit=2");
  expect(subjects(first)).toEqual(["c", "b"]);
  const last = await ask(`?limit=2&cursor=${first.nextCursor}`);
  expect([subjects(last), last.nextCursor]).toEqual([["a"], null]);
});

test("is for operators, and takes no other parameters", async () => {
  const { secret } = await api.newKey("premium");
  expect(problemIn(await api.ask("/v1/alerts", { key: secret }))).toMatchObject({
    status: 403,
    code: "forbidden",
  });
  expect(problemIn(await api.ask("/v1/alerts?state=on"))).toMatchObject({
    status: 422,
    errors: [{ pointer: "/state", detail: 'expected firing or resolved, got "on"' }],
  });
  expect(problemIn(await api.ask("/v1/alerts?name=x")).status).toBe(422);
});
