import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BeeError, silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import { generateSecret } from "@bee/store";
import {
  freshDatabase,
  freshRedis,
  RecordingLog,
  runSql,
  type TestRedis,
  type TestStore,
} from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testConfig } from "./testing/api-under-test.ts";
import { asker, problemIn } from "./testing/ask.ts";
import { connectRaw } from "./testing/raw-connection.ts";
import { type ApiOptions, startApi } from "./wiring.ts";

let database: TestStore;
let redis: TestRedis;
beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
});
afterAll(() => Promise.all([database.stop(), redis.stop()]));

const adminKey = generateSecret();
const options = (change: Partial<ApiOptions> = {}): ApiOptions => ({
  config: testConfig(),
  databaseUrl: database.url,
  redisUrl: redis.url,
  adminKey,
  log: silentLog,
  ...change,
});

/** Fails unless Postgres sees the last of the API's connections go. */
const NOBODY_LEFT = `do $$ begin
  for i in 1..200 loop
    perform pg_stat_clear_snapshot();
    if not exists (select from pg_stat_activity where application_name = 'bee api' and datname = current_database())
      then return; end if;
    perform pg_sleep(0.01);
  end loop;
  raise 'the API left connections behind';
end $$`;

describe("a start that cannot succeed", () => {
  const startError = async (change: Partial<ApiOptions>) => {
    const error = await startApi(options(change)).then(
      (api) => api.stop().then(() => new Error("it started")),
      (thrown: unknown) => thrown,
    );
    await runSql(database.url, NOBODY_LEFT);
    return error as BeeError;
  };

  test("says that the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const error = await startError({ config: testConfig({ port }) });
    other.close();
    expect(error).toBeInstanceOf(BeeError);
    expect(error.code).toBe("cannot-start");
    expect(error.message).toBe(
      `expected a free address at BEE_HOST 127.0.0.1, BEE_PORT ${port}, got one that another process listens on; choose another port or stop that process`,
    );
  });

  test("says that the address is not this machine's", async () => {
    const error = await startError({ config: testConfig({ host: "192.0.2.1" }) });
    expect(error).toMatchObject({ code: "cannot-start", message: expect.stringContaining("EADDRNOTAVAIL") });
  });

  test("says that there is no Postgres, without its password", async () => {
    const error = await startError({ databaseUrl: "postgres://bee:hidden@127.0.0.1:1/bee" });
    expect(error).toMatchObject({ code: "cannot-start", message: expect.stringContaining("DATABASE_URL") });
    expect(error.message).not.toContain("hidden");
  });

  test("says that there is no Redis, without its password", async () => {
    const error = await startError({ redisUrl: "redis://:hidden@127.0.0.1:1" });
    expect(error).toMatchObject({ code: "cannot-start", message: expect.stringContaining("REDIS_URL") });
    expect(error.message).not.toContain("hidden");
  });

  test("says that the schema is missing", async () => {
    const empty = await freshDatabase();
    await runSql(empty.url, "drop schema public cascade");
    await runSql(empty.url, "create schema public");
    const error = await startError({ databaseUrl: empty.url });
    await empty.stop();
    expect(error).toMatchObject({ code: "cannot-start", message: expect.stringContaining("bee migrate") });
  });

  test("says that Redis may drop jobs", async () => {
    const admin = openRedis({ url: redis.url, name: "test", log: silentLog });
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    const error = await startError({});
    await admin.config("SET", "maxmemory-policy", "noeviction");
    admin.disconnect();
    expect(error).toMatchObject({ code: "unsafe-redis", message: expect.stringContaining("allkeys-lru") });
  });
});

test("a start with a new operator key ends the old one", async () => {
  const newKey = generateSecret();
  const api = await startApi(options({ adminKey: newKey }));
  const [old, now] = [await asker(api.url, adminKey)("/v1/jobs"), await asker(api.url, newKey)("/v1/jobs")];
  await api.stop();
  expect([old.status, now.status]).toEqual([401, 200]);
});

test("the url is one to go to, also when all addresses are listened on", async () => {
  const api = await startApi(options({ config: testConfig({ host: "0.0.0.0" }) }));
  const { status } = await asker(api.url, null)("/livez");
  await api.stop();
  expect(api.url).toBe(`http://127.0.0.1:${api.port}`);
  expect(status).toBe(200);
});

describe("stopping", () => {
  test("serves to the end who is here, is not ready any more, and lets nobody in", async () => {
    const api = await startApi(options());
    const [late, probe, idle] = await Promise.all([
      connectRaw(api.port),
      connectRaw(api.port),
      connectRaw(api.port),
    ]);
    const body = JSON.stringify({ domain: "late.example" });
    const head = `host: x\r\nauthorization: Bearer ${adminKey}\r\ncontent-type: application/json\r\n`;
    await late.send(
      `POST /v1/jobs HTTP/1.1\r\n${head}content-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    await probe.send("GET /readyz HTTP/1.1\r\nhost: x\r\n");
    // Answered after what the others sent has arrived.
    expect((await asker(api.url, null)("/readyz")).status).toBe(200);

    const stopped = api.stop();
    await expect(connectRaw(api.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await probe.send("\r\n");
    expect(await probe.answer).toMatch(
      /^HTTP\/1.1 503 [\s\S]*"detail":"expected a process that serves, got one that stops"/,
    );
    await late.send(body.slice(5));
    expect(await late.answer).toMatch(/^HTTP\/1.1 201 [\s\S]*"domain":"late.example"/);
    expect(await idle.answer).toBe("");
    await stopped;
    await runSql(database.url, NOBODY_LEFT);
  });

  test("works without Redis, after a time of not being ready", async () => {
    const [mortal, log] = [await freshRedis(), new RecordingLog()];
    const api = await startApi(options({ redisUrl: mortal.url, log }));
    const lost = log.next("Redis is not reachable");
    await mortal.stop();
    await lost;
    const answer = await asker(api.url, null)("/readyz");
    expect(problemIn(answer)).toMatchObject({ status: 503, detail: expect.stringMatching(/from Redis$/) });
    await api.stop();
  });

  test("twice is stopping once", async () => {
    const api = await startApi(options());
    await Promise.all([api.stop(), api.stop()]);
    await api.stop();
  });
});
