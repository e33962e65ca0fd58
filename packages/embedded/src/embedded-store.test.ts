import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { EmbeddedStore } from "./embedded-store.ts";
import { findRedis, startPostgres, startRedis } from "./index.ts";
import { identifyProcess } from "./process-identity.ts";
import { watchOrphan } from "./server-process.ts";

const CACHE = join(import.meta.dirname, "../../../.toolchain");

/** One of the two servers, as these tests use it: to start, to write one value, to read it. */
interface Kind {
  readonly name: string;
  /** What a program in another process must run to get the store. */
  readonly source: (directory: string) => Promise<string>;
  readonly start: (directory: string) => Promise<EmbeddedStore>;
  readonly write: (url: string, value: string) => Promise<unknown>;
  readonly read: (url: string) => Promise<string | undefined>;
}

const postgres: Kind = {
  name: "Postgres",
  source: async (directory) => `startPostgres(${JSON.stringify({ directory, durable: false })})`,
  start: (directory) => startPostgres({ directory, durable: false }),
  write: (url, value) => query(url, `create table kept as select '${value}' as value`),
  read: async (url) => (await query(url, "select value from kept"))[0]?.value,
};

const redis: Kind = {
  name: "Redis",
  source: async (directory) =>
    `startRedis(${JSON.stringify({ directory, binary: await findRedis({ cache: CACHE }) })})`,
  start: async (directory) => startRedis({ directory, binary: await findRedis({ cache: CACHE }) }),
  write: (url, value) => askRedis(url, `SET kept ${value}`),
  read: async (url) => (await askRedis(url, "GET kept")).split("\r\n").at(-1),
};

async function query(url: string, sql: string): Promise<{ value: string }[]> {
  const client = new pg.Client(url);
  client.on("error", () => {}); // the servers of these tests are killed
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function askRedis(url: string, command: string): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
  const [login, ...replies] = (await text(socket)).trimEnd().split("\r\n");
  if (login !== "+OK") throw new Error(login);
  return replies.slice(0, -1).join("\r\n");
}

let directory: string;
const started: EmbeddedStore[] = [];
const supervisors: ChildProcess[] = [];

async function start(kind: Kind, at = directory): Promise<EmbeddedStore> {
  const store = await kind.start(at);
  started.push(store);
  return store;
}

/** Another process that starts the store and then holds it. */
async function supervise(kind: Kind): Promise<{ supervisor: ChildProcess; url: string; pid: number }> {
  const program = `
    import { startPostgres, startRedis } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    const { url, pid } = await ${await kind.source(directory)};
    process.stdout.write(JSON.stringify({ url, pid }) + "\\n");`;
  const supervisor = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  supervisors.push(supervisor);
  const [line] = await once(createInterface(supervisor.stdout), "line");
  return { supervisor, ...JSON.parse(line) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Processes with this directory among their arguments: a server, or one that is being made. */
async function processesHere(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(directory);
    } catch {
      return false; // it ended while we looked
    }
  });
}

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "bee-embedded-")), "store");
});

afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) supervisor.kill("SIGKILL");
  await Promise.all(started.splice(0).map((store) => store.stop()));
  if (existsSync("/proc/self")) expect(await processesHere()).toEqual([]);
  await rm(join(directory, ".."), { recursive: true, force: true });
});

describe.each([postgres, redis])("$name", (kind) => {
  test("starts in a new directory and is gone when stopped", async () => {
    const store = await start(kind);
    await kind.write(store.url, "honey");
    expect(await kind.read(store.url)).toBe("honey");
    await store.stop();
    expect(await store.exited).toEqual({ code: 0, signal: null });
    expect(() => process.kill(store.pid, 0)).toThrow("ESRCH");
    await store.stop();
  });

  test("finds its data and its port at the second start", async () => {
    const first = await start(kind);
    await kind.write(first.url, "honey");
    await first.stop();
    const second = await start(kind);
    expect(second.url).toBe(first.url);
    expect(await kind.read(second.url)).toBe("honey");
  });

  test("tells of its end when it is killed, and comes back with its data", async () => {
    const first = await start(kind);
    await kind.write(first.url, "honey");
    process.kill(-first.pid, "SIGKILL");
    expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" });
    const second = await start(kind);
    expect(await kind.read(second.url)).toBe("honey");
  });

  test("comes back after everything was killed", async () => {
    const { supervisor, url, pid } = await supervise(kind);
    await kind.write(url, "honey");
    process.kill(-pid, "SIGKILL");
    await kill(supervisor);
    const store = await start(kind);
    expect(await kind.read(store.url)).toBe("honey");
  });

  test("comes back although the killed one stays a zombie that nobody collects", async () => {
    const { supervisor, url, pid } = await supervise(kind);
    await kind.write(url, "honey");
    supervisor.kill("SIGSTOP"); // a parent that does not look after its children
    const killed = watchOrphan(identifyProcess(pid));
    process.kill(-pid, "SIGKILL");
    await killed.exited;
    const store = await start(kind);
    expect(await kind.read(store.url)).toBe("honey");
  });

  test("replaces the orphan of a supervisor that was killed", async () => {
    const { supervisor, url, pid } = await supervise(kind);
    await kind.write(url, "honey");
    await kill(supervisor);
    expect(await kind.read(url)).toBe("honey"); // it did survive its supervisor
    const store = await start(kind);
    expect(store.url).toBe(url);
    expect(store.pid).not.toBe(pid);
    expect(await kind.read(store.url)).toBe("honey");
  });

  test("refuses a directory that another live process uses", async () => {
    const { supervisor, url } = await supervise(kind);
    await expect(start(kind)).rejects.toThrow(`in use by process ${supervisor.pid}. Stop that process first`);
    await kind.write(url, "honey");
    expect(await kind.read(url)).toBe("honey"); // the refusal did it no harm
    await kill(supervisor);
    await start(kind); // takes the orphan over, so that the test leaves none
  });

  test("lets nobody in without the password", async () => {
    const store = await start(kind);
    const stranger = new URL(store.url);
    stranger.password = "guess";
    await expect(kind.read(stranger.href)).rejects.toThrow(/password|WRONGPASS/);
  });

  test("keeps its secrets from other users", async () => {
    const store = await start(kind);
    const { password } = new URL(store.url);
    for (const name of await readdir(directory)) {
      const file = join(directory, name);
      const { mode } = await stat(file);
      if (readIfFile(file).includes(password)) expect(mode & 0o077).toBe(0);
    }
    if (existsSync("/proc/self"))
      expect(readFileSync(`/proc/${store.pid}/cmdline`, "utf8")).not.toContain(password);
  });

  test("moves to another port when somebody took the old one", async () => {
    const first = await start(kind);
    await kind.write(first.url, "honey");
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), "127.0.0.1");
    await once(squatter, "listening");
    try {
      const second = await start(kind);
      expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
      expect(await kind.read(second.url)).toBe("honey");
    } finally {
      squatter.close();
    }
  });

  test("takes a relative directory, spaces included", async () => {
    const store = await start(kind, relative(process.cwd(), join(directory, "a new place")));
    await kind.write(store.url, "honey");
    expect(await kind.read(store.url)).toBe("honey");
  });

  test("says what is wrong with a directory that cannot be one", async () => {
    await writeFile(directory, "a file");
    await expect(start(kind)).rejects.toThrow(
      `${kind.name} expected a directory it may write to, got ${directory} (`,
    );
  });
});

function readIfFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // a directory
  }
}

describe("Postgres", () => {
  test("starts again at once after a kill that left its helpers at work", async () => {
    const first = await start(postgres);
    await postgres.write(first.url, "honey");
    const client = new pg.Client(first.url);
    await client.connect();
    const working = once(client, "notice");
    // Counting, unlike sleeping, does not look up to see that the server is dead.
    const counting = client.query(
      "do $$ begin raise notice 'busy'; perform count(*) from generate_series(1, 9000000); end $$",
    );
    const counted = counting.catch(() => {}); // or cut off; its time is what matters here
    client.on("error", () => {});
    await working;
    process.kill(first.pid, "SIGKILL");
    await first.exited;
    const second = await start(postgres);
    expect(await postgres.read(second.url)).toBe("honey");
    await counted;
    await client.end();
  });

  test("throws away what an interrupted first start left", async () => {
    const first = await start(postgres);
    await first.stop();
    await rm(join(directory, "data/global"), { recursive: true });
    await rename(join(directory, "data"), join(directory, "data.new"));
    await expect(start(postgres)).resolves.toMatchObject({ url: first.url });
  });

  test("shows the end of its log when it cannot start", async () => {
    await (await start(postgres)).stop();
    await writeFile(join(directory, "data/PG_VERSION"), "9\n");
    await expect(start(postgres)).rejects.toThrow(
      /Postgres was expected to get ready, but it ended with code 1\. .*server\.log:\n.*FATAL: .*incompatible/s,
    );
  });

  test("keeps its promises to the disk unless told otherwise", async () => {
    const careful = await startPostgres({ directory });
    started.push(careful);
    expect(await query(careful.url, "select current_setting('fsync') as value")).toEqual([{ value: "on" }]);
    await careful.stop();
    const careless = await start(postgres);
    expect(await query(careless.url, "select current_setting('fsync') as value")).toEqual([{ value: "off" }]);
  });

  // As root, every test here also shows that it works below a directory that only root may enter.
  (process.getuid?.() === 0 ? test : test.skip)("is not root even when we are", async () => {
    const store = await start(postgres);
    const { uid } = await stat(`/proc/${store.pid}`);
    expect(uid).not.toBe(0);
  });
});
