import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ask } from "./ask.ts";
import { openJsonLines } from "./json-lines.ts";
import { close, listen } from "./listening.ts";
import { type RequestEntry, RequestLog } from "./request-log.ts";

describe("RequestLog", () => {
  let time: number;
  let ended: RequestEntry[];
  let log: RequestLog;
  let held: ServerResponse[];
  let server: Server;
  let url: string;

  beforeEach(async () => {
    time = 1000;
    ended = [];
    held = [];
    log = new RequestLog({ now: () => time, onEnd: (entry) => ended.push({ ...entry }) });
    server = createServer((request, response) => {
      const entry = log.watch(request, response);
      entry.cache = "hit";
      held.push(response);
      server.emit("held");
    });
    url = `http://Garden.Test:${await listen(server)}`;
  });

  afterEach(() => close(server));

  /** Asks, and resolves once the server holds the request. */
  async function open(path: string, signal?: AbortSignal): Promise<{ answer: Promise<unknown> }> {
    const arrived = once(server, "held");
    const headers = { "user-agent": "bee/1" };
    const answer = ask(url + path, { headers, ...(signal && { signal }) }).catch((error) => error.name);
    await arrived;
    return { answer };
  }

  test("records a request from its arrival to the end of its answer", async () => {
    await open("/a?b=c");
    expect(log.entries[0]).toMatchObject({ startedAt: 1000, endedAt: null, status: null, open: 1 });
    time = 1250;
    held[0]?.writeHead(418).end();
    await log.idle();
    expect(log.entries).toEqual([
      {
        startedAt: 1000,
        endedAt: 1250,
        method: "GET",
        host: "garden.test",
        path: "/a?b=c",
        userAgent: "bee/1",
        status: 418,
        cache: "hit",
        open: 1,
      },
    ]);
  });

  test("counts the requests that are open when another one starts", async () => {
    await open("/1");
    await open("/2");
    held[0]?.end();
    held[1]?.end();
    await log.idle();
    await open("/3");
    expect(log.entries.map((entry) => entry.open)).toEqual([1, 2, 1]);
  });

  test("a client that leaves ends its request, without a status", async () => {
    const leave = new AbortController();
    const { answer } = await open("/left", leave.signal);
    time = 1100;
    leave.abort();
    expect(await answer).toBe("AbortError");
    await log.idle();
    expect(log.entries[0]).toMatchObject({ endedAt: 1100, status: null });
  });

  test("an answer that breaks off half-way keeps the status it began with", async () => {
    const { answer } = await open("/half");
    held[0]?.writeHead(200, { "content-length": 10 }).write("12345", () => held[0]?.destroy());
    await answer;
    await log.idle();
    expect(log.entries[0]).toMatchObject({ status: 200, endedAt: 1000 });
  });

  test("tells of requests in the order in which they end", async () => {
    await open("/first");
    await open("/second");
    held[1]?.end();
    while (ended.length === 0) await new Promise(setImmediate);
    held[0]?.end();
    await log.idle();
    expect(ended.map((entry) => entry.path)).toEqual(["/second", "/first"]);
  });

  test("forgetting the entries forgets no open request", async () => {
    await open("/old");
    log.clear();
    expect(log.entries).toEqual([]);
    await open("/new");
    expect(log.entries.map(({ path, open }) => ({ path, open }))).toEqual([{ path: "/new", open: 2 }]);
  });

  test("its default clock goes forward", async () => {
    const first = new RequestLog();
    server.on("request", (request, response) => first.watch(request, response));
    await open("/tick");
    held[0]?.end();
    await first.idle();
    const [entry] = first.entries;
    expect(entry?.endedAt).toBeGreaterThan(entry?.startedAt ?? Number.POSITIVE_INFINITY);
  });
});

describe("openJsonLines", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "json-lines-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("each value is a whole line as soon as it is written; a second opening appends", async () => {
    const file = join(folder, "log.jsonl");
    const lines = openJsonLines(file);
    lines.write({ a: "line\nbreak" });
    expect(await readFile(file, "utf8")).toBe('{"a":"line\\nbreak"}\n');
    lines.close();
    const again = openJsonLines(file);
    again.write(2);
    again.close();
    expect(await readFile(file, "utf8")).toBe('{"a":"line\\nbreak"}\n2\n');
  });

  test("after closing, writing and closing do nothing", async () => {
    const file = join(folder, "log.jsonl");
    const lines = openJsonLines(file);
    lines.close();
    lines.close();
    lines.write("late");
    expect(await readFile(file, "utf8")).toBe("");
  });
});
