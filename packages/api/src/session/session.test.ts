import { revokeKey } from "@bee/store";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { type AskOptions, asker, problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({
    trustedProxies: 1,
    pagesPerDay: { standard: 500, premium: null, operator: null },
  });
});
afterAll(() => api.stop());

const signIn = (key: string, headers: AskOptions["headers"] = {}) =>
  api.ask("/v1/session", { key: null, json: { key }, headers });

/** A browser that has signed in. */
async function browser(secret: string) {
  const { headers } = await signIn(secret);
  const [cookie = ""] = headers.get("set-cookie")!.split(";");
  return {
    cookie,
    ask: (path: string, options: AskOptions = {}) =>
      api.ask(path, { key: null, ...options, headers: { cookie, ...options.headers } }),
  };
}

describe("signing in", () => {
  test("shows a key once, and keeps a cookie that scripts cannot read", async () => {
    const { id, secret } = await api.newKey("operator");
    const answer = await signIn(secret);
    expect([answer.status, answer.json]).toEqual([
      201,
      {
        ...{ id, name: "a operator key", plan: "operator", role: "operator" },
        ...{ readOnly: false, ownerId: null, quota: null },
      },
    ]);
    const cookie = answer.headers.get("set-cookie")!;
    expect(cookie).toMatch(/^bee_session=\S{40,}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(secret);
    expect(answer.text).not.toContain(secret);
  });

  test("behind TLS, as a trusted proxy says, the cookie goes by TLS only", async () => {
    const { secret } = await api.newKey("standard");
    const { headers } = await signIn(secret, {
      "x-forwarded-proto": "https",
      "x-forwarded-for": "192.0.2.1",
    });
    expect(headers.get("set-cookie")).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
  });

  test.each([
    ["a key that nobody has", { key: "bee_nobody" }, 401],
    ["no key", {}, 422],
    ["an empty key", { key: "" }, 422],
    ["more than a key", { key: "x", name: "y" }, 422],
  ])("%s is refused without a cookie", async (_name, json, status) => {
    const answer = await api.ask("/v1/session", {
      key: null,
      json,
      headers: { "x-forwarded-for": "192.0.2.2" },
    });
    expect(problemIn(answer).status).toBe(status);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test("after ten failures from an address it is told to wait, others are not, and successes do not count", async () => {
    const { secret } = await api.newKey("standard");
    const from = (address: string) => ({ "x-forwarded-for": address });
    for (let i = 0; i < 20; i++) expect((await signIn(secret, from("192.0.2.3"))).status).toBe(201);
    for (let i = 0; i < 10; i++) expect((await signIn("bee_x", from("192.0.2.3"))).status).toBe(401);
    const refused = await signIn(secret, from("192.0.2.3"));
    expect(problemIn(refused)).toMatchObject({ status: 429, code: "too-many-requests" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await signIn(secret, from("192.0.2.4"))).status).toBe(201);
  });
});

describe("a session", () => {
  test("opens what its key opens, and says who is signed in", async () => {
    const { id, secret } = await api.newKey("standard");
    const { ask } = await browser(secret);
    await ask("/v1/jobs", { json: { domain: "session.example", maxPages: 40 } });
    expect((await ask("/v1/jobs")).json.jobs).toHaveLength(1);
    const { json } = await ask("/v1/session");
    expect(json).toMatchObject({ id, plan: "standard", role: "user" });
    expect(json.quota).toEqual({
      pagesPerDay: 500,
      used: 40,
      reserved: 40,
      left: 460,
      resetsAt: expect.stringMatching(/T00:00:00/),
    });
    expect((await api.ask("/v1/session", { key: secret })).json).toEqual(json);
    expect(problemIn(await ask("/v1/keys")).status).toBe(403);
  });

  test("ends when it is signed out, and signing out again is no error", async () => {
    const { secret } = await api.newKey("standard");
    const { ask } = await browser(secret);
    const out = await ask("/v1/session", { method: "DELETE" });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toMatch(/^bee_session=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(problemIn(await ask("/v1/session"))).toMatchObject({
      code: "unauthorized",
      detail: expect.stringContaining("sign in again"),
    });
    expect((await ask("/v1/session", { method: "DELETE" })).status).toBe(204);
  });

  test("ends when its key is revoked", async () => {
    const { id, secret } = await api.newKey("operator");
    const { ask } = await browser(secret);
    expect((await ask("/v1/fleet")).status).toBe(200);
    await revokeKey(api.db, id);
    expect((await ask("/v1/fleet")).status).toBe(401);
  });

  test("opens the board of an operator, without the browser's own prompt", async () => {
    const [operator, user] = [await api.newKey("operator"), await api.newKey("standard")];
    expect((await (await browser(operator.secret)).ask("/queues")).status).toBe(200);
    expect((await (await browser(user.secret)).ask("/queues")).status).toBe(403);
  });
});

describe("an order that comes with a cookie", () => {
  const post = { json: { domain: "origin.example" } };

  test.each([
    ["another site, by Sec-Fetch-Site", () => ({ "sec-fetch-site": "cross-site" }), 403],
    ["another host of the same site", () => ({ "sec-fetch-site": "same-site" }), 403],
    ["another site, by Origin", () => ({ origin: "https://evil.example" }), 403],
    ["nowhere, by Origin", () => ({ origin: "null" }), 403],
    ["our own page, by Sec-Fetch-Site", () => ({ "sec-fetch-site": "same-origin" }), 201],
    ["our own page, by Origin", () => ({ origin: api.url }), 201],
    ["no browser", () => ({}), 201],
  ])("from %s", async (_name, headers, status) => {
    const { secret } = await api.newKey("premium");
    const { ask } = await browser(secret);
    const answer = await ask("/v1/jobs", { ...post, headers: headers() });
    expect(answer.status).toBe(status);
    if (status === 403) expect(problemIn(answer).detail).toContain("of this site's own pages");
  });

  test("from another site may look, for it cannot see the answer, and with a Bearer may order", async () => {
    const { secret } = await api.newKey("premium");
    const { ask, cookie } = await browser(secret);
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect((await ask("/v1/jobs", { headers: foreign })).status).toBe(200);
    const bearer = asker(api.url, secret);
    expect((await bearer("/v1/jobs", { ...post, headers: { ...foreign, cookie } })).status).toBe(201);
  });

  test("from another site neither signs in nor out, nor orders in the board", async () => {
    const { secret } = await api.newKey("operator");
    const { ask } = await browser(secret);
    const headers = { "sec-fetch-site": "cross-site" };
    expect((await signIn(secret, headers)).status).toBe(403);
    expect((await ask("/v1/session", { method: "DELETE", headers })).status).toBe(403);
    expect((await ask("/queues/api/queues/pause", { method: "PUT", headers })).status).toBe(403);
    expect((await ask("/v1/session")).status).toBe(200);
  });
});
