import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type AskOptions, ask, type Reply } from "../web/ask.ts";
import { mostInFlight } from "../web/politeness.ts";
import { type DemoSite, startDemoSite } from "./demo-site.ts";

let site: DemoSite;
let time: number;
let folder: string;

beforeEach(async () => {
  time = 0;
  folder = await mkdtemp(join(tmpdir(), "demo-site-"));
  const logFile = join(folder, "log.jsonl");
  site = await startDemoSite({ originDelayMs: 5, slowMs: 200, logFile, now: () => time });
});
afterEach(async () => {
  await site.stop();
  await rm(folder, { recursive: true });
});

function get(path: string, options?: AskOptions): Promise<Reply> {
  return ask(new URL(path, site.url), options);
}

/** What the edge says of an answer. */
async function edgeSays(path: string, options?: AskOptions): Promise<string> {
  const { status, headers } = await get(path, options);
  return `${status} ${headers["cache-status"]}`;
}

describe("the edge", () => {
  test("keeps pages, and tells for how long it has", async () => {
    const first = await get("/plants/");
    time = 42_500;
    const second = await get("/plants/");
    expect([first.headers["cache-status"], first.headers.age]).toEqual([
      "garden-edge; fwd=uri-miss; stored",
      "0",
    ]);
    expect([second.headers["cache-status"], second.headers.age]).toEqual(["garden-edge; hit", "42"]);
    expect(second.body).toEqual(first.body);
    expect(second.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(second.headers["x-served-by"]).toBe("garden-edge-mel1");
  });

  test("fetches anew what is older than its max-age", async () => {
    await get("/plants/");
    time = 3_600_000;
    expect(await edgeSays("/plants/")).toBe("200 garden-edge; fwd=stale; stored");
    expect(await edgeSays("/plants/")).toBe("200 garden-edge; hit");
  });

  test("keeps robots.txt, both sitemaps and the assets of pages too", async () => {
    const html = (await get("/")).body.toString();
    const assets = [...html.matchAll(/(?:src|rel="stylesheet" href)="(.*?)"/g)].map(([, path = ""]) => path);
    expect(assets).toEqual(["/assets/garden.css", "/assets/banksia.svg"]);
    for (const path of ["/robots.txt", "/sitemap-plants.xml", "/sitemap-journal.xml.gz", ...assets]) {
      expect(await edgeSays(path)).toBe("200 garden-edge; fwd=uri-miss; stored");
      expect(await edgeSays(path)).toBe("200 garden-edge; hit");
    }
  });

  test("keeps neither moves nor errors", async () => {
    for (const path of ["/plants/bottlebrush", "/offers", "/plants/waratahs", "/no/such/page"]) {
      const status = (await get(path)).status;
      expect(await edgeSays(path)).toBe(`${status} garden-edge; fwd=uri-miss`);
    }
  });

  test("never keeps what is made for one visitor, and says why", async () => {
    for (const _visit of [1, 2]) {
      const { headers } = await get("/garden-club");
      expect(headers["cache-status"]).toBe('garden-edge; fwd=bypass; detail="private, no-store"');
      expect(headers["cache-control"]).toBe("private, no-store");
      expect(headers["set-cookie"]).toHaveLength(1);
    }
  });

  test("answers HEAD from what GET left, but a HEAD leaves nothing", async () => {
    const head = { method: "HEAD" };
    expect(await edgeSays("/about", head)).toBe("200 garden-edge; fwd=uri-miss");
    expect(await edgeSays("/about")).toBe("200 garden-edge; fwd=uri-miss; stored");
    const { headers, body } = await get("/about", head);
    expect(headers["cache-status"]).toBe("garden-edge; hit");
    expect(body).toHaveLength(0);
    expect(Number(headers["content-length"])).toBe((await get("/about")).body.length);
  });

  test("passes other methods on, which the origin refuses", async () => {
    await get("/about");
    expect(await edgeSays("/about", { method: "POST" })).toBe("405 garden-edge; fwd=method");
  });

  test("tells pages apart by query, like any cache; the origin does not", async () => {
    await get("/about");
    expect(await edgeSays("/about?utm_source=bee")).toBe("200 garden-edge; fwd=uri-miss; stored");
  });

  test("does not keep an answer whose visitor left before it was whole", async () => {
    const leave = new AbortController();
    const left = get("/guides/planting-calendar", { signal: leave.signal }).catch((error) => error.name);
    while (site.log.entries.length === 0) await new Promise(setImmediate);
    leave.abort();
    expect(await left).toBe("AbortError");
    await site.log.idle();
    expect(await edgeSays("/guides/planting-calendar")).toBe("200 garden-edge; fwd=uri-miss; stored");
    expect(site.log.entries[0]).toMatchObject({ status: null, cache: null });
  });

  test("purging empties it", async () => {
    await get("/about");
    site.purge();
    expect(await edgeSays("/about")).toBe("200 garden-edge; fwd=uri-miss; stored");
  });

  test("answers many requests on one connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await Promise.all(["/", "/about", "/", "/plants/"].map((path) => get(path, { agent })));
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    agent.destroy();
  });

  test("answers to any name", async () => {
    expect(await edgeSays("/", { headers: { host: "elsewhere.test" } })).toMatch(/^200 /);
    await site.log.idle();
    expect(site.log.entries[0]?.host).toBe("elsewhere.test");
  });
});

describe("the slow page", () => {
  test("is slow at the origin and fast once it is kept", async () => {
    const timed = async () => {
      const start = performance.now();
      await get("/guides/planting-calendar");
      return performance.now() - start;
    };
    const cold = await timed();
    // Timers may fire up to a millisecond early.
    expect(cold).toBeGreaterThanOrEqual(199);
    expect(await timed()).toBeLessThan(cold);
  });
});

describe("the log", () => {
  test("says of each request what the edge made of it", async () => {
    for (const path of ["/", "/", "/garden-club", "/offers"]) {
      await get(path, { headers: { "user-agent": "bee/1" } });
      time += 100;
    }
    await site.log.idle();
    expect(
      site.log.entries.map(({ path, status, cache, startedAt }) => [path, status, cache, startedAt]),
    ).toEqual([
      ["/", 200, "stored", 0],
      ["/", 200, "hit", 100],
      ["/garden-club", 200, "bypass", 200],
      ["/offers", 302, "miss", 300],
    ]);
    expect(site.log.entries[0]).toMatchObject({ method: "GET", host: "garden.test", userAgent: "bee/1" });
  });

  test("shows how many requests were open at once", async () => {
    const slow = [1, 2, 3].map(() => get("/guides/planting-calendar"));
    while (site.log.entries.length < 3) await new Promise(setImmediate);
    time = 10;
    await Promise.all(slow);
    await site.log.idle();
    expect(site.log.entries.map((entry) => entry.open)).toEqual([1, 2, 3]);
    expect(mostInFlight(site.log.entries)).toBe(3);
  });

  test("is written to a file as requests end", async () => {
    await get("/");
    await get("/about");
    await site.log.idle();
    const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(site.log.entries);
  });

  test("is complete when the site has stopped, with the requests that stopping cut off", async () => {
    const cut = get("/guides/planting-calendar").catch((error) => error.code);
    while (site.log.entries.length === 0) await new Promise(setImmediate);
    await site.stop();
    expect(await cut).toBe("ECONNRESET");
    const entry = JSON.parse(await readFile(join(folder, "log.jsonl"), "utf8"));
    expect(entry).toMatchObject({ path: "/guides/planting-calendar", status: null });
  });
});

test("a port that is taken is refused with what to do about it", async () => {
  await expect(startDemoSite({ port: site.port })).rejects.toThrow(
    `expected to listen on 127.0.0.1:${site.port}, got EADDRINUSE: choose another port`,
  );
});

test("its URL has the name it was given", async () => {
  const other = await startDemoSite({ host: "127.0.0.1" });
  expect(other.url).toBe(`http://127.0.0.1:${other.port}/`);
  const reply = await fetch(other.url);
  expect(await reply.text()).toContain("<h1>Banksia Garden</h1>");
  await other.stop();
});
