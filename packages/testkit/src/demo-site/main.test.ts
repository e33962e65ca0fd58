import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ask } from "../web/ask.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

// Each test starts a process, which takes a busy machine its time.
jest.setTimeout(30_000);

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-main-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args]);
  children.push(child);
  return child;
}

/** The line that the process prints when it listens. */
async function announced(
  child: ReturnType<typeof start>,
): Promise<{ url: string; controlUrl: string; port: number }> {
  const [chunk] = await once(child.stdout, "data");
  return JSON.parse(String(chunk));
}

test("announces itself, serves, logs to a file, and stops cleanly on SIGTERM", async () => {
  const file = join(folder, "log.jsonl");
  const child = start("--log", file, "--origin-delay-ms", "0");
  const { url, controlUrl, port } = await announced(child);
  expect(url).toBe(`http://garden.test:${port}/`);
  expect((await ask(url)).status).toBe(200);
  const expected = (await (await fetch(`${controlUrl}expected`)).json()) as { pages: number };
  expect(expected.pages).toBe(97);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ path: "/", status: 200, cache: "stored" });
});

test("stops on SIGINT although a visitor holds a connection", async () => {
  const child = start("--slow-ms", "60000");
  const { url } = await announced(child);
  const slow = ask(`${url}guides/planting-calendar`).catch((error) => error.code);
  await ask(url);
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await slow).toBe("ECONNRESET");
});

test("with a parent, leaves when stdin closes", async () => {
  const child = start("--with-parent");
  await announced(child);
  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("with a parent, SIGTERM is enough although stdin stays open", async () => {
  const child = start("--with-parent");
  await announced(child);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("without a parent, does not mind stdin", async () => {
  const child = start();
  child.stdin.end();
  const { url } = await announced(child);
  expect((await ask(url)).status).toBe(200);
});

test.each(["--help", "-h"])("%s prints every option, and nothing is started", async (flag) => {
  const child = start(flag);
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  expect([exit, stderr]).toEqual([[0, null], ""]);
  for (const name of ["--host", "--port", "--log", "--slow-ms", "--origin-delay-ms", "--with-parent"])
    expect(stdout).toContain(`  ${name} `);
});

test.each([
  [
    "a wrong option",
    ["--port", "many"],
    /^demo-site: expected --port to be a whole number .*, got "many"\n$/,
  ],
  ["a folder that is not there", ["--log", "no/such/folder/log"], /^demo-site: ENOENT.*\n$/],
])("%s: one line on stderr, exit code 1", async (_case, args, message) => {
  const child = start(...args);
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  expect([exit, stdout]).toEqual([[1, null], ""]);
  expect(stderr).toMatch(message);
});

test("a port that is taken: the parts that had started stop again, exit code 1", async () => {
  const { port } = await announced(start());
  const second = start("--port", String(port));
  const [stderr, exit] = await Promise.all([text(second.stderr), once(second, "exit")]);
  expect(exit).toEqual([1, null]);
  expect(stderr).toBe(
    `demo-site: expected to listen on 127.0.0.1:${port}, got EADDRINUSE: choose another port, or 0 for any\n`,
  );
});
