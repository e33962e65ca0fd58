import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { findRedis, startRedis } from "@bee/embedded";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { bee, type Variables } from "../testing/bee.ts";
import { Home } from "../testing/fleet-under-test.ts";

jest.setTimeout(60_000);

let home: Home;
beforeEach(() => {
  home = new Home(1);
});
afterEach(() => home.remove());

const NOWHERE = {
  DATABASE_URL: "postgres://bee:hunter2@127.0.0.1:1/bee",
  REDIS_URL: "redis://:hunter2@127.0.0.1:1/0",
};

/** Starts a fleet that cannot start. @returns what it complains of. */
async function refusal(variables: Variables, code = 1): Promise<string> {
  const ended = await bee(["up"], { ...home.variables, BEE_PORT: "0", ...variables });
  expect(ended).toMatchObject({ code, stdout: "" });
  // Nothing was started, and the claim on the directory is given up.
  expect(readdirSync(home.dataDir)).toEqual(["rules.json"]);
  return ended.stderr;
}

test("a port that is in use", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await refusal({ BEE_PORT: String(port) })).toBe(
    `bee: expected port ${port} of 127.0.0.1 to be free for the API, got something that listens there; stop that, or set BEE_HOST and BEE_PORT to another address\n`,
  );
  server.close();
});

test("a Postgres that is not there", async () => {
  expect(await refusal({ DATABASE_URL: NOWHERE.DATABASE_URL })).toMatch(
    /^bee: expected a Postgres at DATABASE_URL \(postgres:\/\/bee@127\.0\.0\.1:1\/bee\), got: .*ECONNREFUSED.*; start it or correct DATABASE_URL\n$/,
  );
});

test("a Redis that is not there", async () => {
  expect(await refusal({ REDIS_URL: NOWHERE.REDIS_URL })).toMatch(
    /^bee: expected a Redis at REDIS_URL \(redis:\/\/127\.0\.0\.1:1\/0\), got: .*ECONNREFUSED.*; start it or correct REDIS_URL\n$/,
  );
});

test("a Redis that may forget jobs", async () => {
  const store = new Home(1);
  const binary = await findRedis({ cache: join(import.meta.dirname, "../../../../.toolchain") });
  const redis = await startRedis({ directory: store.dataDir, binary, durable: false });
  await tellRedis(redis.url, "CONFIG SET maxmemory-policy allkeys-lru");
  const complaint = await refusal({ REDIS_URL: redis.url });
  expect(complaint).toMatch(
    /^bee: expected a Redis with maxmemory-policy noeviction, got allkeys-lru, .*\n$/,
  );
  await redis.stop();
  store.remove();
});

async function tellRedis(url: string, command: string): Promise<void> {
  const { port, password } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^\+OK\r\n/);
  socket.resume();
  await once(socket, "close");
}

test("a configuration that is not valid: every mistake, and exit code 2", async () => {
  expect(await refusal({ BEE_PORT: "many", BEE_MIN_WORKERS: "-1" }, 2)).toBe(
    'bee: BEE_PORT: expected a whole number from 0 to 65535, got "many"\n' +
      'bee: BEE_MIN_WORKERS: expected a whole number from 0 to 1000, got "-1"\n',
  );
});

test("a data directory that is a file", async () => {
  const file = join(home.dataDir, "rules.json");
  expect(await refusal({ BEE_DATA_DIR: file })).toMatch(
    /^bee: expected BEE_DATA_DIR to be a directory that can be written to, got .*rules\.json: .*; set it to another one\n$/,
  );
});

test.each(["api", "worker", "scaler"])("bee %s without stores: exit code 2", async (name) => {
  const { code, stderr } = await home.bee(name);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `bee: expected DATABASE_URL and REDIS_URL for \`bee ${name}\`, got no DATABASE_URL and no REDIS_URL; set them, or run \`bee up\`, which brings both\n`,
  });
});

// Who scales or works joins the fleet, which Redis knows, before it opens a connection to Postgres.
test.each([
  ["api", "Postgres at DATABASE_URL"],
  ["worker", "Redis at REDIS_URL"],
  ["scaler", "Redis at REDIS_URL"],
])("bee %s with stores that are not there: one line, no secret", async (name, store) => {
  const { code, stdout, stderr } = await bee([name], { ...home.variables, ...NOWHERE });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({
    level: "error",
    process: { name },
    message: expect.stringMatching(new RegExp(`^cannot start: expected a ${store} .*ECONNREFUSED`)),
  });
  expect(stderr).not.toContain("hunter2");
});
