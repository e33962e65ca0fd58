import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const run = promisify(execFile);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bee-find-redis-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** What is found, or the error's message, where only these programs (name and shell script) are on the PATH. */
async function findWith(programs: Record<string, string>): Promise<string> {
  for (const [name, script] of Object.entries(programs))
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const program = `
    import { findRedis } from ${JSON.stringify(join(import.meta.dirname, "find-redis.ts"))};
    const found = findRedis({ cache: ${JSON.stringify(join(directory, "cache"))} });
    process.stdout.write(await found.catch((error) => error.message));`;
  const args = ["--input-type=module", "--eval", program];
  return (await run(process.execPath, args, { env: { PATH: directory } })).stdout;
}

/** An apt-get that has one package: a Valkey that prints how it was called. Built with the real dpkg-deb. */
async function fakeApt(): Promise<Record<string, string>> {
  const tree = join(directory, "tree");
  const control =
    "Package: valkey-server\nVersion: 1\nArchitecture: all\nMaintainer: bee\nDescription: fake\n";
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await writeFile(join(tree, "DEBIAN/control"), control);
  await mkdir(join(tree, "usr/lib/some-linux-gnu"), { recursive: true });
  await mkdir(join(tree, "usr/bin"), { recursive: true });
  const server = '#!/bin/sh\necho "$LD_LIBRARY_PATH $*"\n';
  await writeFile(join(tree, "usr/bin/valkey-server"), server, { mode: 0o755 });
  await run("dpkg-deb", ["--build", tree, join(directory, "valkey.deb")]);
  return {
    "dpkg-deb": 'PATH=/usr/bin:/bin exec dpkg-deb "$@"',
    "apt-get": `case "$*" in
      *" install "*valkey-server)
        for option; do case $option in Dir::Cache::archives=*) archives=\${option#*=}; esac; done
        PATH=/usr/bin:/bin exec cp ${join(directory, "valkey.deb")} "$archives";;
      *redis-server) echo "E: Unable to locate package redis-server"; exit 100;;
    esac`,
  };
}

test("takes what is on the PATH, Redis before Valkey", async () => {
  expect(await findWith({ "valkey-server": "exit" })).toBe(join(directory, "valkey-server"));
  expect(await findWith({ "redis-server": "exit" })).toBe(join(directory, "redis-server"));
});

test("says how to get one when there is none", async () => {
  expect(await findWith({})).toBe(
    "Expected redis-server or valkey-server on the PATH, got neither, and there is no apt-get to fetch it with. " +
      "Install Redis (apt install redis-server, dnf install valkey, apk add redis or brew install redis), or set REDIS_URL.",
  );
});

test("passes on why the distribution's package could not be had", async () => {
  const apt =
    'test "$1" = --version && exit; echo "Reading lists"; echo "E: Unable to locate package $9"; exit 100';
  expect(await findWith({ "apt-get": apt })).toMatch(
    /and apt-get could not fetch it \(E: Unable to locate package .*\)\. Install Redis/,
  );
});

const hasDpkg = await access("/usr/bin/dpkg-deb").then(
  () => true,
  () => false,
);

(hasDpkg ? test : test.skip)("unpacks the distribution's package once and runs it from there", async () => {
  const found = await findWith(await fakeApt());
  expect(found).toBe(join(directory, "cache/redis/redis"));
  const { stdout } = await run(found, ["--port", "1"]);
  expect(stdout).toBe(`${join(directory, "cache/redis/usr/lib/some-linux-gnu")} --port 1\n`);
  expect(await findWith({ "apt-get": "exit 1" })).toBe(found);
});
