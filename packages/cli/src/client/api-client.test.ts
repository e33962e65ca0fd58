import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EXIT } from "../exit-codes.ts";
import { wireJob } from "../testing/wire-samples.ts";
import { ApiAway, ApiClient } from "./api-client.ts";
import { FLEET_FIELDS, JOB_FIELDS, JOBS_FIELDS } from "./wire.ts";

let server: Server;
let answer: (response: ServerResponse) => void;
let api: ApiClient;
beforeEach(async () => {
  server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  api = new ApiClient(() => url, "key");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html; charset=utf-8" };

const REQUESTS = {
  jobs: () => api.get("/v1/jobs?limit=1", JOBS_FIELDS),
  job: () => api.get("/v1/jobs/1", JOB_FIELDS),
  fleet: () => api.get("/v1/fleet", FLEET_FIELDS),
  submit: () => api.post("/v1/jobs", JOB_FIELDS, { url: "https://garden.test" }),
  report: () => api.report("1"),
};

const STRANGERS: [string, (response: ServerResponse) => void, string][] = [
  ["a page", (it) => it.writeHead(200, html).end("<!doctype html><h1>hello</h1>"), "an HTML page"],
  ["a page of an error", (it) => it.writeHead(404, html).end("<h1>no</h1>"), "an HTML page with status 404"],
  ["an error without a type", (it) => it.writeHead(404).end("no"), "an answer 404 of something else"],
  ["JSON of something else", (it) => it.writeHead(200, json).end('{"hello": 1}'), "JSON of something else"],
  ["JSON that is no object", (it) => it.writeHead(200, json).end("null"), "JSON of something else"],
  ["an empty answer", (it) => it.writeHead(200, json).end(), "an empty answer"],
  ["a text", (it) => it.writeHead(200, { "content-type": "text/plain" }).end("ok"), "what is not JSON"],
  [
    "an error that is no JSON",
    (it) => it.writeHead(400, json).end("<h1>"),
    "an answer 400 of something else",
  ],
  ["an error without words", (it) => it.writeHead(400, json).end("null"), "an answer 400 of something else"],
];

test.each(STRANGERS)(
  "a server that is no fleet and answers %s is named in one line",
  async (_, send, got) => {
    answer = send;
    for (const request of Object.values(REQUESTS)) {
      const error = await request().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        name: "CommandError",
        exitCode: EXIT.usage,
        message: `expected the API of a fleet at ${api.url}, got ${got}`,
      });
    }
  },
);

test("a report that is passed on is not a page of something else", async () => {
  answer = (it) => it.writeHead(200, html).end("<h1>hello</h1>");
  await expect(api.streamReport("/v1/jobs/1", "csv")).rejects.toThrow("got an HTML page");
  await expect(api.streamReport("/v1/jobs/1", "html")).resolves.toBeDefined();
});

test("an answer that breaks off is worth another try", async () => {
  answer = (it) => {
    it.writeHead(200, { ...json, "content-length": 1_000 }).write('{"jobs": [');
    setImmediate(() => it.destroy());
  };
  const error = await REQUESTS.jobs().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiAway);
  expect((error as Error).message).toMatch(
    /^expected a whole answer of the API at http:\S+, got a part of it \(.+\)$/,
  );
});

test("what a fleet answers is taken", async () => {
  answer = (it) => it.writeHead(200, json).end(JSON.stringify({ jobs: [wireJob()] }));
  expect(await REQUESTS.jobs()).toEqual({ jobs: [wireJob()] });
  answer = (it) => it.writeHead(200, json).end(JSON.stringify(wireJob()));
  expect(await REQUESTS.job()).toEqual(wireJob());
});
