import { expect, test } from "@jest/globals";
import { createResolver } from "./resolve-name.ts";
import { type DnsAnswer, serveNames } from "./testing/name-server.ts";

const IPV6 = "2606:2800:0220:0001:0248:1893:25c8:1946";

/** A resolver whose name server answers so. */
async function resolver(a: DnsAnswer, aaaa: DnsAnswer = "no-such-name") {
  const server = await serveNames((_, type) => (type === "A" ? a : aaaa));
  return createResolver({ servers: [server], timeoutMs: 100 });
}

test("gives all addresses of a name, of both families", async () => {
  const resolve = await resolver(["192.0.2.1", "192.0.2.2"], [IPV6]);
  expect(await resolve("a.example")).toEqual([
    "192.0.2.1",
    "192.0.2.2",
    "2606:2800:220:1:248:1893:25c8:1946",
  ]);
});

test("one family is enough", async () => {
  expect(await (await resolver(["192.0.2.1"], "server-failure"))("a.example")).toEqual(["192.0.2.1"]);
  expect(await (await resolver([], [IPV6]))("a.example")).toHaveLength(1);
});

test("a name that nobody knows does not exist", async () => {
  const resolve = await resolver("no-such-name");
  await expect(resolve("nowhere.invalid")).rejects.toMatchObject({ code: "ENOTFOUND" });
});

test.each<DnsAnswer>(["server-failure", "silence"])("a %s may pass", async (answer) => {
  const resolve = await resolver(answer, answer);
  await expect(resolve("a.example")).rejects.toMatchObject({ code: "EAI_AGAIN" });
});

test("names without a dot are the system's", async () => {
  const resolve = await resolver(["192.0.2.1"]);
  expect(await resolve("localhost")).toContain("127.0.0.1");
});

test("name servers that hang hold up no other look-up", async () => {
  const server = await serveNames((name, type) => {
    if (name.startsWith("dead")) return "silence";
    return type === "A" ? ["192.0.2.1"] : [];
  });
  const resolve = createResolver({ servers: [server], timeoutMs: 300 });
  const dead = Promise.allSettled(Array.from({ length: 50 }, (_, i) => resolve(`dead${i}.example`)));
  let anyDead = false;
  void dead.then(() => {
    anyDead = true;
  });
  expect(await resolve("live.example")).toEqual(["192.0.2.1"]);
  expect(anyDead).toBe(false);
  await dead;
});
