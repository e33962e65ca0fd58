import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { done, finishJob } from "../testing/seed.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const DOMAIN = "walk.example";
const submit = async () => (await api.ask("/v1/jobs", { json: { domain: DOMAIN } })).json;

async function finish() {
  const job = await submit();
  await finishJob(api.db, job, {
    [`https://${DOMAIN}/`]: done({ cache: "warmed" }),
    [`https://${DOMAIN}/gone`]: done({ outcome: "broken", cache: "none", reason: "answered 404" }),
  });
  return job;
}

async function pause() {
  const job = await submit();
  await api.ask(`/v1/jobs/${job.id}/pause`, { method: "POST" });
  return job;
}

const register = async () => (await api.ask("/v1/webhooks", { json: { url: "https://hook.example/" } })).json;

async function replayable() {
  await register();
  await finish();
  return (await api.ask("/v1/webhooks/deliveries?limit=1")).json.deliveries[0].id;
}

/** What a path's parameter stands for. Of jobs: one in the state that the operation is for. */
async function parameterOf({ method, path }: Operation): Promise<string> {
  if (path.includes("/:domain")) return (await submit()).domain;
  if (path.includes("/schedules/")) return schedule();
  if (path.includes("/hooks/")) return hook();
  if (path.includes("/keys/")) return (await api.newKey("standard")).id;
  if (path.includes("/deliveries/")) return replayable();
  if (path.includes("/webhooks/")) return (await register()).id;
  if (path.endsWith("/resume")) return (await pause()).id;
  const isOrder = method === "POST" && !path.endsWith("/retry");
  return (await (isOrder ? submit : finish)()).id;
}

/** A schedule of an operator, whose hook is asked for where a token is. */
async function schedule(): Promise<string> {
  const json = { name: "nightly", cron: "0 3 * * *", job: { domain: DOMAIN } };
  return (await api.ask("/v1/schedules", { json })).json.id;
}
const hook = async () => (await api.ask(`/v1/schedules/${await schedule()}/hook`, { json: {} })).json.token;

const BODIES: Readonly<Record<string, () => unknown>> = {
  "POST /v1/jobs": () => ({ url: `https://${DOMAIN}/`, include: ["/shop"], priority: "high" }),
  "PUT /v1/domains/:domain/rule": () => ({ requestsPerSecond: 1, burst: 2, concurrency: 1 }),
  "POST /v1/schedules": () => ({
    name: "hourly",
    everySeconds: 3_600,
    job: { domain: DOMAIN, priority: "low" },
  }),
  "PATCH /v1/schedules/:id": () => ({ name: "later", quietHours: { from: "08:00", to: "18:00" } }),
  "POST /v1/session": () => ({ key: api.adminKey }),
  "POST /v1/keys": () => ({ name: "Walker", plan: "standard", expiresAt: "2100-01-01T00:00:00Z" }),
  "POST /v1/webhooks": () => ({ url: "https://hook.example/", events: ["job.failed", "alert.firing"] }),
};

/** A stream of events does not end by itself; it has tests of its own. */
const ending = OPERATIONS.filter(({ answers }) => !JSON.stringify(answers).includes("text/event-stream"));

test.each(ending.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  "%s answers what its description says",
  async (name, operation) => {
    const { method, path, answers, body } = operation;
    const parameter = path.includes(":") ? await parameterOf(operation) : "";
    const json = body === undefined ? {} : { json: BODIES[name]!() };
    // Every answer is held against its schema where it is asked for.
    const { status } = await api.ask(path.replace(/:\w+/, parameter), { method, ...json });
    expect(Object.keys(answers)).toContain(String(status));
  },
);

test("every form of the report is one that its description names", async () => {
  const { id } = await finish();
  const again = await finish();
  for (const format of ["json", "csv", "junit", "html"]) {
    expect((await api.ask(`/v1/jobs/${again.id}/report?format=${format}`)).status).toBe(200);
  }
  expect((await api.ask(`/v1/jobs/${again.id}/report`)).json.compared.job).toBe(id);
});
