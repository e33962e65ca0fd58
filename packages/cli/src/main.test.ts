import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { FAIL_ON } from "./commands/fail-on.ts";
import { bee } from "./testing/bee.ts";
import { Home } from "./testing/fleet-under-test.ts";

jest.setTimeout(30_000);

const ID = "01a207a2-36d3-76e7-a6e9-21644bcea641";

let home: Home;
let stranger: Server;
let strangersUrl: string;
beforeAll(async () => {
  home = new Home(1);
  stranger = createServer((_request, response) => response.writeHead(404).end("<h1>not found</h1>")).listen(
    0,
  );
  await once(stranger, "listening");
  strangersUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
afterAll(() => {
  stranger.close();
  home.remove();
});

test.each([
  ["wram https://example.com", "bee: unknown command 'wram'; did you mean warm?\n"],
  ["warm", "bee: missing required argument 'url'; see bee warm --help\n"],
  ["warm a.test b.test", /^bee: too many arguments for 'warm'.*; see bee warm --help\n$/],
  ["warm a.test --max-pages 0", 'bee: --max-pages: expected a whole number from 1 to 1000000, got "0"\n'],
  ["warm a.test --max-pages ten", 'bee: --max-pages: expected a whole number from 1 to 1000000, got "ten"\n'],
  ["warm a.test --fail-on brokn", /^bee: --fail-on: expected some of broken, .*, or nothing, got "brokn"\n$/],
  [
    "warm a.test --api nowhere",
    /^bee: expected --api to be a URL such as http:\/\/127\.0\.0\.1:3000, got "nowhere"\n$/,
  ],
  ["jobs --josn", "bee: unknown option '--josn'; did you mean --json?\n"],
  ["warm ftp://x", 'bee: <url>: expected http: or https:, got "ftp:"\n'],
  ["warm a.test/shop", 'bee: <url>: expected a host name such as example.com, got "a.test/shop"\n'],
  ["warm acme", /^bee: <url>: expected a host name such as acme\.com, got "acme"; .*: https:\/\/acme\n$/],
  ["job 17", /^bee: <id>: expected the id of a job, such as 0\S+, got "17"; `bee jobs` lists them\n$/],
  ["schedules pause 17", /^bee: <id>: expected the id of a schedule, .*; `bee schedules list` lists them\n$/],
  [
    "schedules create a.test --every often",
    /^bee: --every: expected a duration such as 90s, .*got "often"\n$/,
  ],
  ["schedules create a.test --quiet 8-18", 'bee: --quiet: expected times such as 08:00-18:00, got "8-18"\n'],
  ["report 17", /^bee: <id>: expected the id of a job, such as 0\S+, got "17"; `bee jobs` lists them\n$/],
  [`report ${ID} --format xml`, 'bee: --format: expected one of table, json, csv, junit, html, got "xml"\n'],
  [
    "keys create --plan premium",
    "bee: required option '--name <name>' not specified; see bee keys create --help\n",
  ],
  ["keys create --plan premium --name=", 'bee: --name: expected whose key it is, got ""\n'],
  [
    "keys create --name x --plan standard --expires soon",
    'bee: --expires: expected a duration such as 90d or 12h, got "soon"\n',
  ],
  [
    `keys create --name x --plan standard --of ${ID}`,
    "bee: expected --read-only with --of, for the jobs of another key can only be read, got none\n",
  ],
  [
    "keys revoke 17",
    /^bee: <id>: expected the id of a key, such as 0\S+, got "17"; `bee keys list` lists them\n$/,
  ],
  [
    `job ${ID} --pause --retry`,
    "bee: option '--pause' cannot be used with option '--retry'; see bee job --help\n",
  ],
  [
    "keys create --name x --plan gold",
    'bee: --plan: expected one of standard, premium, operator, got "gold"\n',
  ],
  ["jobs", /^bee: expected an API key in BEE_KEY, BEE_ADMIN_KEY or .*admin-key, got none; .*\n$/],
  ["migrate", /^bee: expected DATABASE_URL, or a fleet that runs in .*, got neither; .*\n$/],
])("bee %s: one line on stderr, exit code 2", async (line, complaint) => {
  const { code, stdout, stderr } = await home.bee(...line.split(" "));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  if (typeof complaint === "string") expect(stderr).toBe(complaint);
  else expect(stderr).toMatch(complaint);
});

test("help and version are answers, no errors", async () => {
  const [help, version] = await Promise.all([home.bee("--help"), home.bee("--version")]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const command of [
    "up",
    "warm",
    "job",
    "jobs",
    "report",
    "schedules",
    "fleet",
    "keys",
    "migrate",
    "api",
    "worker",
    "scaler",
  ]) {
    expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  }
  expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
});

test("help may be asked for as a command", async () => {
  const [all, warm] = await Promise.all([home.bee("help"), home.bee("help", "warm")]);
  expect(all).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Usage: bee /) });
  expect(warm).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Usage: bee warm /) });
});

test("the help of warm lists what it can fail on", async () => {
  const { stdout } = await home.bee("warm", "--help");
  const words = stdout.replaceAll(/\s+/g, " ");
  expect(words).toContain(`comma-separated: ${FAIL_ON.join(", ")}; or nothing (default: broken,blocked,`);
});

test("what it tells people to type is what they have called it by", async () => {
  const variables = { ...home.variables, BEE_COMMAND: "scripts/bee" };
  const [help, usage, noKey] = await Promise.all([
    bee(["--help"], variables),
    bee(["warm"], variables),
    bee(["jobs"], variables),
  ]);
  expect(help.stdout).toMatch(/^Usage: scripts\/bee /);
  expect(help.stdout).toMatch(/^ {2}scripts\/bee warm https:\/\/example\.com {2}/m);
  expect(usage.stderr).toContain("see scripts/bee warm --help\n");
  expect(noKey.stderr).toContain("start a fleet here with `scripts/bee up`\n");
});

test("no API: says how to start one", async () => {
  const { code, stderr } = await home.bee("warm", "a.test", "--key", "x", "--api", await nobodysUrl());
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^bee: no API answers at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\); start the fleet with `bee up`, or name another with --api\n$/,
  );
});

test("a port that HTTP clients must not use: what was expected and what to do", async () => {
  const { code, stderr } = await bee(["jobs"], { ...home.variables, BEE_PORT: "6000", BEE_KEY: "x" });
  expect(code).toBe(2);
  expect(stderr).toBe(
    "bee: expected the API at a port that HTTP clients may use, got http://127.0.0.1:6000, which the fetch standard blocks; choose another port with BEE_PORT or --api\n",
  );
});

test("something else at the API's address: says so", async () => {
  const { code, stderr } = await home.bee("jobs", "--key", "x", "--api", strangersUrl);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `bee: expected the API of a fleet at ${strangersUrl}, got an answer 404 of something else\n`,
  );
});

test("a report that breaks off is no report: says so, whatever was printed of it", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/csv", "content-length": 1_000 });
    response.write("url,outcome\r\n", () => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stderr } = await home.bee("report", ID, "--format", "csv", "--key", "x", "--api", api);
  server.close();
  expect(code).toBe(2);
  expect(stderr).toMatch(/^bee: expected the whole report, got a part of it: .+; try again\n$/);
});

/** An address where somebody listened a moment ago. */
async function nobodysUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
