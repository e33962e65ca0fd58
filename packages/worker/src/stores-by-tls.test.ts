import { chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bee/core";
import { startPostgres } from "@bee/embedded";
import { requireSafeRedis } from "@bee/queue";
import { migrate, openDatabase, requireReachable } from "@bee/store";
import {
  html,
  robotsTxt,
  runSql,
  type StoreCertificates,
  startTlsRedis,
  startWeb,
  type TestStore,
  type Web,
  writeStoreCertificates,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

/** What docs/operations.md gives the fleet's user of Redis. */
const RIGHTS = ["~{*", "~b_{*", "&{bee}:*", "&b_{*", "+@all", "-@admin", "-@dangerous", "+info"];
const PASSWORD = "a-secret";

let directory: string;
let files: StoreCertificates;
let redis: TestStore;
let postgres: TestStore;
let web: Web;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bee-tls-"));
  files = await writeStoreCertificates(directory);
  [redis, postgres] = await Promise.all([
    startTlsRedis({ ...files, user: "bee", password: PASSWORD, rights: RIGHTS }),
    startTlsPostgres(),
  ]);
  const pages = { "/robots.txt": robotsTxt("User-agent: *", "Allow: /") };
  web = await startWeb({ hosts: { "site.test": { pages, otherwise: () => html("a page") } } });
});
afterAll(async () => {
  await web.stop();
  await Promise.all([redis.stop(), postgres.stop()]);
  await rm(directory, { recursive: true });
});

/** Lets nobody in without TLS. */
async function startTlsPostgres(): Promise<TestStore> {
  const server = await startPostgres({ directory: join(directory, "postgres"), durable: false });
  const data = join(directory, "postgres", "data");
  const { uid, gid } = await stat(data);
  for (const [from, to] of [
    [files.certificate, join(data, "server.crt")],
    [files.key, join(data, "server.key")],
  ] as const) {
    await copyFile(from, to);
    // The server runs as its own account where the tests run as root.
    await chown(to, uid, gid);
  }
  const access = join(data, "pg_hba.conf");
  await writeFile(access, (await readFile(access, "utf8")).replace(/^host\s/gm, "hostssl "));
  await runSql(server.url, "alter system set ssl = on");
  await runSql(server.url, "select pg_reload_conf()");
  return { url: server.url, stop: () => server.stop() };
}

const trusting = (url: string, parameters = "") => `${url}?${parameters}sslrootcert=${files.authority}`;

test("a fleet works with a Redis by TLS and as a user with few rights, and a Postgres by TLS", async () => {
  const databaseUrl = trusting(postgres.url, "sslmode=verify-full&");
  const db = openDatabase({ url: databaseUrl, connections: 1, name: "test", log: silentLog });
  await migrate(db);
  await db.destroy();
  await expect(runSql(postgres.url, "select 1")).rejects.toThrow("no encryption");
  const fleet: TestFleet = await startFleet({
    redis: { url: trusting(`${redis.url}/`), stop: async () => {} },
    database: { url: databaseUrl, stop: async () => {} },
  });
  const job = await fleet.ended(await fleet.submit({ url: web.url("site.test", "/") }));
  expect(job).toMatchObject({ status: "completed", counts: { succeeded: 1 } });
  await fleet.stop();
});

test("a Redis whose certificate nobody vouches for is refused", async () => {
  await expect(requireSafeRedis(redis.url)).rejects.toThrow(/got: .*(certificate|issuer)/);
});

test("a user of Redis with a wrong password is refused, and the password is not told", async () => {
  const url = trusting(`${redis.url.replace(PASSWORD, "another-secret")}/`);
  const refused = requireSafeRedis(url);
  await expect(refused).rejects.toThrow("WRONGPASS");
  await expect(refused).rejects.not.toThrow("another-secret");
});

test("a Postgres whose certificate nobody vouches for is refused", async () => {
  const url = `${postgres.url}?sslmode=verify-full`;
  const db = openDatabase({ url, connections: 1, name: "test", log: silentLog });
  await expect(requireReachable(db, url)).rejects.toThrow(/got: .*(certificate|issuer)/);
  await db.destroy();
});
