import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { WireJob } from "../client/wire.ts";
import { ended, environment, type Variables } from "../testing/bee.ts";
import { FleetUnderTest, Home } from "../testing/fleet-under-test.ts";
import { familyOf, survivors } from "../testing/processes.ts";

jest.setTimeout(90_000);

const START = fileURLToPath(new URL("../../../../scripts/start.ts", import.meta.url));

let home: Home;
let children: ChildProcess[];
beforeEach(() => {
  home = new Home(20);
  children = [];
});
afterEach(() => {
  // Of a test that failed; whatever it started ends with it.
  for (const child of children) child.kill("SIGKILL");
  home.remove();
});

function start(args: readonly string[], variables: Variables): ChildProcess {
  const env = environment({ BEE_DATA_DIR: home.dataDir, ...variables });
  const child = spawn(process.execPath, [START, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** Resolves when the child has printed the text. */
function printed(child: ChildProcess, text: string): Promise<void> {
  let all = "";
  return new Promise((resolve) => {
    child.stdout!.on("data", (chunk) => {
      all += chunk;
      if (all.includes(text)) resolve();
    });
  });
}

/** The note about a taken port needs one that is taken; whoever listens there already serves as well. */
async function takePort3000(): Promise<Server> {
  const server = createServer();
  const { promise: taken, resolve } = Promise.withResolvers<void>();
  server.once("listening", resolve).once("error", () => resolve());
  server.listen(3000, "127.0.0.1");
  await taken;
  return server;
}

test("--exit: warms the demo site, shows the way and the report, leaves nothing behind", async () => {
  const child = start(["--exit"], { BEE_PORT: "0" });
  const ending = ended(child);
  await printed(child, "first page after");
  const family = familyOf([child.pid!]);
  expect(family.length).toBeGreaterThanOrEqual(10);
  const { code, stdout, stderr } = await ending;
  expect(
    stdout
      .replaceAll(/\d+\.\d s( {2,})?/g, (_, column) => (column === undefined ? "N s" : "N s  "))
      .replaceAll(/:\d+/g, ":PORT")
      .replaceAll(/garden-\w+/g, "garden-RUN"),
  ).toContain(
    [
      "Blue Banded Bee",
      "",
      "        stores after N s  Postgres and Redis",
      "         fleet after N s  3 workers and the API at http://127.0.0.1:PORT",
      "    first page after N s  http://garden-RUN.test:PORT/",
    ].join("\n"),
  );
  expect(stdout).toContain("checked 95 of 97; 0 blocked; 0 not reachable");
  expect(stdout).toMatch(/^Warmed {2}90 {2}/m);
  expect(stderr).toMatch(/^\d+ of 97 pages, .*$/m);
  expect(code).toBe(0);
  expect(await survivors(family)).toEqual([]);
});

test("a taken port is no obstacle; Ctrl-C stops everything at once", async () => {
  const server = await takePort3000();
  const child = start([], {});
  const ending = ended(child);
  await printed(child, "first page after");
  const family = familyOf([child.pid!]);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ending;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^Stopping … \(another Ctrl-C hurries\)$/m);
  expect(stdout).toContain("port 3000 is taken, so the API gets another; BEE_PORT chooses one\n");
  expect(await survivors(family)).toEqual([]);
  server.close();
});

/** The states of the jobs of our data directory, the newest first. */
async function jobStates(): Promise<string[]> {
  const fleet = new FleetUnderTest(home);
  await fleet.ready;
  const { stdout } = await home.bee("jobs", "--json");
  fleet.kill("SIGTERM");
  await fleet.exited;
  return (JSON.parse(stdout) as { jobs: WireJob[] }).jobs.map(({ status }) => status);
}

test("a demo that is broken off is cancelled, and leaves nothing that the next fleet would go on with", async () => {
  const brokenOff = start([], { BEE_PORT: "0" });
  const ending = ended(brokenOff);
  await printed(brokenOff, "first page after");
  brokenOff.kill("SIGINT");
  const { code, stdout } = await ending;
  expect(code).toBe(130);
  expect(stdout).not.toContain("report after");
  expect(readdirSync(home.dataDir)).not.toContain("demo-rules.json");
  expect(await jobStates()).toEqual(["cancelled"]);
});

test("when it is killed, everything it started ends by itself, and the next start cancels its demo", async () => {
  const killed = start([], { BEE_PORT: "0" });
  await printed(killed, "first page after");
  const family = familyOf([killed.pid!]);
  killed.kill("SIGKILL");
  expect(await survivors(family, 20_000)).toEqual([]);
  const next = await ended(start(["--exit"], { BEE_PORT: "0" }));
  expect(next.stdout).toContain("checked 95 of 97; 0 blocked; 0 not reachable");
  expect(next.stdout).toMatch(/^Warmed {2}90 {2}/m);
  expect(next.code).toBe(0);
  expect(await jobStates()).toEqual(["completed", "cancelled"]);
});

test("a fleet that cannot start: its complaint and where its log is", async () => {
  const { code, stdout, stderr } = await ended(start(["--exit"], { BEE_PORT: "1", BEE_HOST: "192.0.2.1" }));
  expect(stdout).toBe("\nBlue Banded Bee\n\n");
  expect(stderr).toMatch(/^bee: expected port 1 of 192\.0\.2\.1 .* \(log: .*fleet\.log\)\n$/);
  expect(code).toBe(1);
});

test.each([
  ["--exot", 'bee: did not expect "--exot"; usage: npm start, or npm start -- [--exit] [url]\n'],
  ["ftp://x", 'bee: <url>: expected http: or https:, got "ftp:"\n'],
  [
    "http://10.0.0.1/",
    "bee: <url>: expected a public address, got 10.0.0.1; BEE_ALLOW_PRIVATE allows networks, such as 10.0.0.1/32\n",
  ],
])("%s is not understood: one line, exit code 2, nothing started", async (argument, complaint) => {
  expect(await ended(start([argument], {}))).toEqual({ code: 2, stdout: "", stderr: complaint });
  expect(readdirSync(home.dataDir)).toEqual(["rules.json"]);
});

test("--help says how it is used, and does nothing", async () => {
  const { code, stdout, stderr } = await ended(start(["--help"], {}));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: npm start -- \[--exit\] \[url\]\n/);
  expect(readdirSync(home.dataDir)).toEqual(["rules.json"]);
});

test("a fleet that runs in the data directory already: told before anything else, with what to do", async () => {
  const fleet = new FleetUnderTest(home);
  await fleet.ready;
  expect(await ended(start(["--exit"], {}))).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      new RegExp(
        `^bee: expected no fleet in ${home.dataDir}, got process ${fleet.pid} \\(http://127\\.0\\.0\\.1:\\d+\\); use that one \\(scripts/bee warm <url>\\), stop it, or .*\\n$`,
      ),
    ),
  });
  fleet.kill("SIGTERM");
  expect(await fleet.exited).toBe(0);
});
