import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { bee } from "./testing/bee.ts";
import { Home } from "./testing/fleet-under-test.ts";

jest.setTimeout(30_000);

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
  ["warm", "bee: missing required argument 'url'; see bee --help\n"],
  ["warm a.test b.test", /^bee: too many arguments for 'warm'.*\n$/],
  ["warm a.test --max-pages 0", 'bee: --max-pages: expected a whole number from 1 to 1000000, got "0"\n'],
  ["warm a.test --max-pages ten", 'bee: --max-pages: expected a whole number from 1 to 1000000, got "ten"\n'],
  ["warm a.test --fail-on brokn", /^bee: --fail-on: expected some of broken, .*, or nothing, got "brokn"\n$/],
  [
    "warm a.test --api nowhere",
    /^bee: expected --api to be a URL such as http:\/\/127\.0\.0\.1:3000, got "nowhere"\n$/,
  ],
  ["jobs --josn", "bee: unknown option '--josn'; did you mean --json?\n"],
  ["report x --format pdf", 'bee: --format: expected one of table, json, csv, junit, html, got "pdf"\n'],
  ["keys create --plan premium", "bee: required option '--name <name>' not specified; see bee --help\n"],
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

test("no API: says how to start one", async () => {
  const { code, stderr } = await bee(["warm", "a.test"], { ...home.variables, BEE_PORT: "1", BEE_KEY: "x" });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^bee: no API answers at http:\/\/127\.0\.0\.1:1 \(.*\); start the fleet with `bee up`, or name another with --api\n$/,
  );
});

test("something else at the API's address: says so", async () => {
  const { code, stderr } = await home.bee("jobs", "--key", "x", "--api", strangersUrl);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `bee: expected the API of a fleet at ${strangersUrl}, got an answer 404 of something else\n`,
  );
});
