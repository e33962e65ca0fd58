import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ask } from "../web/ask.ts";
import { close, listen } from "../web/listening.ts";
import { RequestLog } from "../web/request-log.ts";
import { createEdge } from "./edge.ts";
import { EdgeCache } from "./edge-cache.ts";

const PERMIT = { "cache-control": "public, max-age=60" };

let answer: RequestListener;
let origin: Server;
let edge: Server;
let log: RequestLog;
let url: string;

beforeEach(async () => {
  log = new RequestLog();
  origin = createServer((request, response) => answer(request, response));
  const originPort = await listen(origin);
  edge = createEdge({ originPort, cache: new EdgeCache(() => 0), log });
  url = `http://garden.test:${await listen(edge)}/`;
});
afterEach(async () => {
  await close(edge);
  await close(origin);
});

async function edgeSays(): Promise<string> {
  const { status, headers } = await ask(url);
  return `${status} ${headers["cache-status"]}`;
}

test("an answer that breaks off is a bad gateway and is not kept", async () => {
  answer = (_request, response) => {
    response.writeHead(200, { ...PERMIT, "content-length": 100 });
    response.write("half of it", () => response.destroy());
  };
  expect(await edgeSays()).toBe('502 garden-edge; fwd=uri-miss; detail="ECONNRESET"');
  answer = (_request, response) => response.writeHead(200, PERMIT).end("all of it");
  expect(await edgeSays()).toBe("200 garden-edge; fwd=uri-miss; stored");
});

test("an origin that is not there is a bad gateway", async () => {
  await close(origin);
  expect(await edgeSays()).toBe('502 garden-edge; fwd=uri-miss; detail="ECONNREFUSED"');
  await log.idle();
  expect(log.entries[0]).toMatchObject({ status: 502, cache: "error" });
});

test("what is kept needs no origin any more", async () => {
  answer = (_request, response) => response.writeHead(200, PERMIT).end("kept");
  await edgeSays();
  await close(origin);
  expect(await edgeSays()).toBe("200 garden-edge; hit");
});

test("headers of the origin's connection are not passed on", async () => {
  const own = {
    connection: "close",
    "keep-alive": "timeout=1",
    "x-own": "yes",
    date: "Thu, 01 Jan 1970 00:00:00 GMT",
  };
  answer = (_request, response) => response.writeHead(200, own).end("chunked");
  const { headers } = await ask(url);
  expect(headers["x-own"]).toBe("yes");
  expect([headers["transfer-encoding"], headers["content-length"]]).toEqual([undefined, "7"]);
  expect(headers.connection).not.toBe("close");
  expect(headers["date"]).not.toBe(own.date);
});
