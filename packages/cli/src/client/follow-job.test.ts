import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { wireJob } from "../testing/wire-samples.ts";
import { ApiClient } from "./api-client.ts";
import { followJob } from "./follow-job.ts";
import type { Progress } from "./progress.ts";

type Answer = (response: ServerResponse) => void;

const running = answer(200, wireJob());
const completed = answer(200, wireJob({ status: "completed" }));
const away = answer(503, { title: "A store is not reachable", detail: "expected Postgres, got nothing" });

let server: Server;
let answers: Answer[];
let api: ApiClient;
let progress: Progress[];
beforeEach(async () => {
  progress = [];
  // The last answer is given again and again.
  server = createServer((_request, response) =>
    (answers.length > 1 ? answers.shift()! : answers[0]!)(response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  api = new ApiClient(() => new URL(`http://127.0.0.1:${port}`), "key");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function answer(status: number, body: unknown): Answer {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function follow(signal: AbortSignal = new AbortController().signal) {
  return followJob({ api, job: wireJob(), signal, onProgress: (now) => progress.push(now) });
}

test("ends with the job", async () => {
  answers = [running, completed];
  expect(await follow()).toMatchObject({ status: "completed" });
  expect(progress.map(({ job }) => job.status)).toEqual(["running", "completed"]);
});

test("waits for an API that is away, and says so", async () => {
  answers = [running, away, (response) => void response.destroy(), completed];
  expect(await follow()).toMatchObject({ status: "completed" });
  expect(progress.map((now) => now.away)).toEqual([false, true, true, false]);
});

test("does not wait for one that says no", async () => {
  answers = [answer(404, { detail: "expected the id of a job, got another" })];
  await expect(follow()).rejects.toThrow("expected the id of a job, got another");
});

test.each([
  ["while the job runs", running],
  ["while the API is away", away],
])("can be ended: %s", async (_when, forEver) => {
  answers = [forEver];
  const stop = new AbortController();
  const following = followJob({ api, job: wireJob(), signal: stop.signal, onProgress: () => stop.abort() });
  expect(await following).toBeNull();
});

test("can be ended while an answer is waited for", async () => {
  const stop = new AbortController();
  answers = [() => stop.abort()];
  expect(await follow(stop.signal)).toBeNull();
});
