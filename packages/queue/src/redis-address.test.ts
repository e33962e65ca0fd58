import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BeeError } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseRedisUrl } from "./redis-address.ts";

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "authority-"));
  file = join(directory, "authority.pem");
  await writeFile(file, "an authority");
});
afterAll(() => rm(directory, { recursive: true }));

const local = { host: "127.0.0.1", port: 6379, db: 0 };

test.each([
  ["redis://127.0.0.1", { cluster: false, server: local }],
  ["redis://127.0.0.1/", { cluster: false, server: local }],
  ["redis://[::1]:7000/2", { cluster: false, server: { host: "::1", port: 7000, db: 2 } }],
  ["redis://:se%40cret@127.0.0.1", { cluster: false, server: { ...local, password: "se@cret" } }],
  ["redis://bee:cret@127.0.0.1", { cluster: false, server: { ...local, username: "bee", password: "cret" } }],
  ["rediss://127.0.0.1", { cluster: false, server: { ...local, tls: {} } }],
  ["redis://127.0.0.1?cluster=true", { cluster: true, server: local }],
  ["redis://127.0.0.1/?cluster=false", { cluster: false, server: local }],
])("%s is understood", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

test("a Redis is believed whose certificate the named authority signed", () => {
  const { server } = parseRedisUrl(`rediss://127.0.0.1/?cluster=true&sslrootcert=${file}`);
  expect(server.tls).toEqual({ ca: Buffer.from("an authority") });
});

test.each([
  ["redis://127.0.0.1/?family=6", "cluster or sslrootcert behind the ?, got family"],
  ["redis://127.0.0.1/?cluster=yes", "cluster=true or cluster=false, got yes"],
  ["redis://127.0.0.1/1?cluster=true", "no database but 0 in a cluster, got 1"],
  ["redis://127.0.0.1/main", "the number of a database behind the /, got main"],
  ["redis://127.0.0.1/?sslrootcert=/ca.pem", "rediss:// where there is an sslrootcert, got redis://"],
  ["rediss://127.0.0.1/?sslrootcert=/no/such/file", "a file of certificates in sslrootcert, got: ENOENT"],
])("%s is refused, with what was expected", (url, sentence) => {
  const parse = () => parseRedisUrl(url);
  expect(parse).toThrow(BeeError);
  expect(parse).toThrow(`REDIS_URL: expected ${sentence}`);
});
