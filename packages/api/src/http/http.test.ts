import { revokeKey } from "@bee/store";
import { RecordingLog } from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

const log = new RecordingLog();
let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({}, log);
});
afterAll(() => api.stop());

describe("a key", () => {
  const withHeader = (authorization: string) =>
    api.ask("/v1/jobs", { key: null, headers: { authorization } });

  test("is needed, and the answer says how to show it", async () => {
    const answer = await api.ask("/v1/jobs", { key: null });
    expect(problemIn(answer)).toMatchObject({
      status: 401,
      code: "unauthorized",
      detail: expect.stringContaining("got none"),
    });
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="Blue Banded Bee"');
  });

  test.each([
    ["in another form", () => api.adminKey, "got another form"],
    ["by Basic", () => `Basic ${Buffer.from(`a:${api.adminKey}`).toString("base64")}`, "got another form"],
    ["that nobody has", () => "Bearer bee_nobody", "unknown or revoked"],
    ["with a letter missing", () => `Bearer ${api.adminKey.slice(0, -1)}`, "unknown or revoked"],
  ])("%s does not open the door, and the detail says why", async (_name, header, detail) => {
    const answer = await withHeader(header());
    expect(problemIn(answer)).toMatchObject({
      code: "unauthorized",
      detail: expect.stringContaining(detail),
    });
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  });

  test("works until it is revoked", async () => {
    const { id, secret } = await api.newKey("standard");
    expect((await withHeader(`Bearer ${secret}`)).status).toBe(200);
    await revokeKey(api.db, id);
    expect(problemIn(await withHeader(`Bearer ${secret}`)).detail).toContain("unknown or revoked");
  });

  test("is asked for before anything is told: unknown paths, methods and bodies", async () => {
    const asks = [api.ask("/v1/nothing", { key: null }), api.ask("/v1/jobs", { key: null, method: "PATCH" })];
    const post = api.ask("/v1/jobs", {
      key: null,
      body: "{",
      headers: { "content-type": "application/json" },
    });
    for (const answer of await Promise.all([...asks, post])) expect(answer.status).toBe(401);
  });

  test("is not asked for at the doors that load balancers and people use", async () => {
    for (const path of ["/", "/livez", "/readyz"])
      expect((await api.ask(path, { key: null })).status).toBe(200);
  });

  test("stands in no line of the log", async () => {
    const { secret } = await api.newKey("standard");
    await withHeader(`Bearer ${secret}`);
    await withHeader("Bearer bee_secret_of_somebody");
    await api.ask(`/v1/jobs?key=${secret}`);
    const logged = JSON.stringify(log.lines);
    for (const text of [secret, api.adminKey, "bee_secret_of_somebody"]) expect(logged).not.toContain(text);
  });
});

describe("what is not there", () => {
  test.each(["/nothing", "/v1", "/v1/nothing", "/v1/jobs/1/2/3", "/queues/nothing", "/%", "/livez/x"])(
    "%s is a problem",
    async (path) => {
      expect(problemIn(await api.ask(path))).toMatchObject({ status: 404, code: "not-found" });
    },
  );

  test.each([
    ["/", "POST", "GET, HEAD"],
    ["/livez", "DELETE", "GET, HEAD"],
    ["/v1/jobs", "DELETE", "GET, HEAD, POST"],
    ["/v1/jobs", "OPTIONS", "GET, HEAD, POST"],
    ["/v1/jobs/1", "PUT", "GET, HEAD"],
    ["/v1/jobs/1/cancel", "GET", "POST"],
    ["/v1/jobs/1/pages", "POST", "GET, HEAD"],
    ["/v1/fleet", "POST", "GET, HEAD"],
    ["/v1/fleet/desired", "PATCH", "GET, HEAD"],
  ])("%s by %s is a problem that names the methods there are", async (path, method, allow) => {
    const answer = await api.ask(path, { method });
    expect(problemIn(answer)).toMatchObject({ status: 405, code: "method-not-allowed" });
    expect(answer.headers.get("allow")).toBe(allow);
  });
});

describe("every answer", () => {
  test("has a request id: the caller's own where it is sane, else a new one", async () => {
    const idFor = async (given: string) =>
      (await api.ask("/livez", { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await idFor("trace-1.a_b")).toBe("trace-1.a_b");
    for (const given of ["", "a b", "x".repeat(129), "<script>"]) {
      expect(await idFor(given)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("names its request in its problem", async () => {
    const answer = await api.ask("/nothing", { headers: { "x-request-id": "trace-2" } });
    expect(problemIn(answer).instance).toBe("urn:bee:request:trace-2");
  });

  test.each(["/", "/v1/jobs", "/nothing", "/queues"])(
    "%s carries safe headers and does not tell what it runs on",
    async (path) => {
      const { headers } = await api.ask(path);
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/^default-src '(?:self|none)';/);
      expect(headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test("about jobs is not kept by anybody on the way", async () => {
    const { headers } = await api.ask("/v1/jobs");
    expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
  });

  test("is logged in one line, without the query", async () => {
    const line = log.next("request");
    await api.ask("/v1/jobs?limit=7", { headers: { "x-request-id": "trace-3" } });
    expect(await line).toEqual({
      level: "debug",
      message: "request",
      fields: {
        request: "trace-3",
        method: "GET",
        path: "/v1/jobs",
        status: 200,
        ms: expect.any(Number),
        key: expect.stringMatching(/^[0-9a-f-]{36}$/),
        complete: true,
      },
    });
  });
});

test("a mistake of ours is a problem that tells nothing, and a line that tells all", async () => {
  await api.db.schema.alterTable("decisions").renameTo("hidden").execute();
  const answer = await api.ask("/v1/fleet", { headers: { "x-request-id": "trace-4" } });
  await api.db.schema.alterTable("hidden").renameTo("decisions").execute();
  expect(problemIn(answer)).toMatchObject({
    status: 500,
    code: "internal",
    instance: "urn:bee:request:trace-4",
  });
  expect(answer.text).not.toContain("decisions");
  expect(log.of("request failed")).toEqual([
    {
      level: "error",
      message: "request failed",
      fields: {
        request: "trace-4",
        error: expect.stringContaining("decisions"),
        stack: expect.stringContaining("at "),
      },
    },
  ]);
});
