import { classifyWarm, domainOf } from "@bee/core";
import {
  HOSTILE_SERVERS,
  type HostileWeb,
  heldAtRest,
  heldMegabytes,
  INNER_HOST,
  startHostileWeb,
  trustTestAuthority,
} from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { HttpClient } from "./http-client.ts";
import { createResolver } from "./resolve-name.ts";
import { type DnsAnswer, serveNames } from "./testing/name-server.ts";
import { client } from "./testing/servers.ts";
import { visitPage } from "./visit-page.ts";

let web: HostileWeb;
let heldBefore: number;

beforeAll(async () => {
  trustTestAuthority();
  web = await startHostileWeb(new Map(HOSTILE_SERVERS.map(({ host, behaviour }) => [host, behaviour])));
  heldBefore = heldMegabytes();
});
afterEach(() => web.quiet());
afterAll(() => web.stop());

/** How the last attempt at a page ends. */
async function settled(url: string, bee: HttpClient) {
  const visit = await visitPage({
    client: bee,
    url,
    domain: domainOf(new URL(url).hostname),
    admit: (_, request) => request(),
    allowed: async () => ({ allowed: true, rule: null, reason: null }),
    wantLinks: true,
  });
  bee.close();
  return classifyWarm(visit, { attempts: 2, handBacks: 0, now: Date.now(), verify: "all" });
}

test.each(HOSTILE_SERVERS.map((server) => [server.name, server] as const))("%s", async (_, server) => {
  const { host, scheme, outcome, reason, late } = server;
  // Who does not wait for the deadline must end by itself.
  const resolve = [[INNER_HOST, "10.0.0.1"] as const, ["*.test", "127.0.0.1"] as const];
  const bee = client({ resolve, deadlineMs: late ? 300 : 10_000 });
  expect(await settled(`${scheme}://${host}:${web.port}/`, bee)).toMatchObject({
    type: "done",
    outcome,
    reason: reason === null ? null : expect.stringMatching(reason),
  });
});

const LOOPBACK: DnsAnswer = ["127.0.0.1"];

test.each<[name: string, a: DnsAnswer, reason: RegExp]>([
  ["a name that does not exist", "no-such-name", /the name does not exist/],
  ["a name without addresses", [], /the name does not exist/],
  ["a name server that fails", "server-failure", /the name servers did not answer/],
  ["a name server that is silent", "silence", /the name servers did not answer/],
  ["a name at a private address", ["10.0.0.1"], /expected a public address, got .+ at 10\.0\.0\.1/],
  ["a name at a metadata address", ["169.254.169.254"], /expected a public address/],
  ["a name at a public and a private address", ["93.184.216.34", "10.0.0.1"], /expected a public address/],
  ["a name at no address at all", ["0.0.0.0"], /expected a public address/],
  [
    "a name at a thousand private addresses",
    Array(1_000).fill("10.0.0.1"),
    /expected a public address|did not answer/,
  ],
])("%s is unreachable", async (_, a, reason) => {
  const resolveName = createResolver({
    servers: [await serveNames((_name, type) => (type === "A" ? a : []))],
    timeoutMs: 100,
  });
  const bee = client({ resolve: [], resolveName });
  expect(await settled(`http://some.example:${web.port}/`, bee)).toMatchObject({
    type: "done",
    outcome: "unreachable",
    reason: expect.stringMatching(reason),
  });
});

test("an address that comes after the deadline is not connected to", async () => {
  const late = Promise.withResolvers<readonly string[]>();
  const bee = client({ resolve: [], resolveName: () => late.promise, deadlineMs: 300 });
  expect(await settled(`http://silence.test:${web.port}/`, bee)).toMatchObject({
    outcome: "unreachable",
    reason: expect.stringMatching(/within 0\.3 s/),
  });
  late.resolve(LOOPBACK as readonly string[]);
  await new Promise(setImmediate);
  expect(web.open).toBe(0);
});

test("all of them leave no memory behind", async () => {
  // What is compiled and pooled meanwhile takes some 20 MB. A tenth of the rows send a body of 10 MiB or more.
  expect((await heldAtRest()) - heldBefore).toBeLessThan(50);
}, 90_000);
