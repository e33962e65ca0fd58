import { readFileSync } from "node:fs";
import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, Queues } from "@bee/queue";
import { openDatabase } from "@bee/store";
import { freshRedis } from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Parser } from "htmlparser2";
import { createApp } from "../app.ts";
import { Events } from "../events/events.ts";
import type { Parts } from "../parts.ts";
import { type ApiUnderTest, startApiUnderTest, testConfig } from "../testing/api-under-test.ts";
import { checkAnswer } from "../testing/check-answer.ts";
import { createDocument } from "./document.ts";
import { CHECKED_IN, textOf } from "./file.ts";
import { OPERATIONS } from "./operations.ts";

/** What of Express' router is looked at here. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** The methods and paths that an app serves; `/v1` is the one router in it. */
function routesIn(stack: readonly Layer[], prefix = ""): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return handle.stack === undefined ? [] : routesIn(handle.stack, "/v1");
    const methods = Object.keys(route.methods).filter((method) => method !== "_all");
    return methods.map((method) => `${method.toUpperCase()} ${prefix}${route.path}`);
  });
}

describe("the description", () => {
  test("knows every route that there is, and no other", async () => {
    const store = await freshRedis();
    const redis = openRedis({ url: store.url, name: "test", log: silentLog });
    const db = openDatabase({ url: "postgres://nobody", connections: 1, name: "test", log: silentLog });
    const queues = new Queues(redis, "default", "general");
    const parts = {
      config: testConfig(),
      db,
      redis,
      queues,
      registry: new FleetRegistry(redis),
      log: silentLog,
    };
    const app = createApp(parts as unknown as Parts, new Events(parts as unknown as Parts), () => false);
    const served = routesIn((app.router as unknown as { stack: Layer[] }).stack);
    await queues.close();
    redis.disconnect();
    await Promise.all([db.destroy(), store.stop()]);
    // A route that is missing here belongs into the operations.ts beside its handler, and that into openapi/operations.ts.
    expect(OPERATIONS.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(served.toSorted());
  });

  test("is checked in as it is: `npm run openapi` writes it", () => {
    expect(readFileSync(CHECKED_IN, "utf8")).toBe(textOf(createDocument()));
  });

  test("refers to nothing that it does not have, and names each operation once", () => {
    const document = createDocument();
    const references = [...textOf(document).matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)];
    const names = Object.keys(document.components.schemas);
    expect(names).toEqual(expect.arrayContaining(references.map(([, name]) => name)));
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation["operationId"]),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("an answer that is not as described fails its test", () => {
  const answer = {
    ...{ method: "GET", path: "/v1/fleet/desired", status: 200 },
    ...{ type: "application/json", json: { workers: 3 } },
  };

  test.each([
    ["a field too many", { json: { workers: 3, more: 1 } }],
    ["a field too few", { json: {} }],
    ["another type of a field", { json: { workers: "3" } }],
    ["another media type", { type: "text/plain", json: undefined }],
    ["another status", { status: 202 }],
    ["a problem without a detail", { status: 503, type: "application/problem+json", json: { status: 503 } }],
  ])("%s", (_name, change) => {
    expect(() => checkAnswer(answer)).not.toThrow();
    expect(() => checkAnswer({ ...answer, ...change })).toThrow(/not as docs\/openapi\.json says/);
  });
});

describe("served", () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(() => api.stop());

  test("as JSON, without a key", async () => {
    const { status, json } = await api.ask("/openapi.json", { key: null });
    expect([status, json]).toEqual([200, JSON.parse(readFileSync(CHECKED_IN, "utf8"))]);
  });

  test("as a page that loads nothing from anywhere, and whose links lead somewhere", async () => {
    const { status, text, headers } = await api.ask("/docs", { key: null });
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const [ids, links, loaded]: string[][] = [[], [], []];
    new Parser({
      onopentag(name, { id, href, src }) {
        if (id !== undefined) ids!.push(`#${id}`);
        if (name === "a") links!.push(href!);
        else if (href !== undefined || src !== undefined || name === "script") loaded!.push(name);
      },
    }).end(text);
    expect(loaded).toEqual([]);
    expect([...ids!, "/openapi.json"]).toEqual(expect.arrayContaining(links!));
    for (const { path } of OPERATIONS) expect(text).toContain(path.replaceAll(/:(\w+)/g, "{$1}"));
  });
});
