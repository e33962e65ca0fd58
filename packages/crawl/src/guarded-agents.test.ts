import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { domainOf } from "@bee/core";
import { afterEach, expect, test } from "@jest/globals";
import { followRedirects } from "./follow-redirects.ts";
import { guardedAgents } from "./guarded-agents.ts";
import { readSitemaps } from "./read-sitemaps.ts";
import { client, serve } from "./testing/servers.ts";

/** Ways to write addresses that no crawler may reach; the URL parser makes plain ones of most. */
const LITERALS = [
  ...["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "127.0.0.1.", "0", "0.0.0.0"],
  ...["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1"],
  ...["224.0.0.1", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
  ...["[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[fc00::1]"],
  ...["127.0.1", "0x7f000001", "017700000001", "0x7f.0.0.0x1", "127。0。0。1", "１２７.0.0.1", "127%2e0.0.1"],
  ...["100.100.100.200", "2852039166", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]"],
  ...["[2002:a9fe:a9fe::]", "[2001:0:a9fe:a9fe::]", "[::ffff:0:169.254.169.254]", "[0:0:0:0:0:ffff:7f00:1]"],
  ...["[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[100::1]"],
];

/** Listens at every address of this machine; the addresses at which somebody has connected. */
async function listenEverywhere(): Promise<{ port: number; reached: (string | undefined)[] }> {
  const reached: (string | undefined)[] = [];
  const server = createServer((socket) => {
    reached.push(socket.localAddress);
    socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  stops.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, reached };
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

test.each(LITERALS)("http://%s/ is refused before a connection is made", async (host) => {
  const { port, reached } = await listenEverywhere();
  const bee = client({ allowPrivate: [] });
  for (const scheme of ["http", "https"]) {
    await expect(bee.get(new URL(`${scheme}://${host}:${port}/`))).rejects.toMatchObject({
      kind: "address",
      message: expect.stringMatching(/^expected a public address, got [\d.:a-f]+; /),
    });
  }
  expect(reached).toEqual([]);
});

test.each(["localhost", "localhost.", "a.test"])("the name %s is refused by its address", async (host) => {
  await expect(client({ allowPrivate: [] }).get(new URL(`http://${host}/`))).rejects.toMatchObject({
    kind: "address",
  });
});

test("an allowed network is reached by address and by name", async () => {
  const server = await serve((_, response) => response.end());
  const bee = client({ allowPrivate: ["127.0.0.0/8"] });
  for (const host of ["127.0.0.1", "2130706433", "any.test"]) {
    expect(await bee.get(new URL(`http://${host}:${server.port}/`))).toMatchObject({ status: 200 });
  }
});

test("connects to the address that was checked, whatever the name says the next time", async () => {
  const server = await serve((_, response) => response.end());
  let asked = 0;
  const bee = client({
    allowPrivate: ["127.0.0.1/32"],
    resolve: [],
    resolveName: async () => (asked++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]),
  });
  expect(await bee.get(new URL(`http://rebind.example:${server.port}/`))).toMatchObject({ status: 200 });
  expect(asked).toBe(1);
});

test("a name that moves inward between two connections is not followed there", async () => {
  const { port, reached } = await listenEverywhere();
  const moves = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]];
  const bee = client({
    allowPrivate: ["127.0.0.1/32"],
    resolve: [],
    resolveName: async () => moves.shift()!,
  });
  const get = () => bee.get(new URL(`http://rebind.example:${port}/`));
  expect(await get()).toMatchObject({ status: 200 });
  for (let i = 0; i < 2; i++) await expect(get()).rejects.toMatchObject({ kind: "address" });
  expect(reached).toEqual(["127.0.0.1"]);
});

test.each(["inner.test", "127.0.0.2", "2130706434", "[::ffff:127.0.0.2]"])(
  "neither a redirect nor an index of sitemaps leads to %s",
  async (inner) => {
    const { port, reached } = await listenEverywhere();
    const to = `http://${inner}:${port}/`;
    const server = await serve((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: to }).end();
      else response.end(`<sitemapindex><sitemap><loc>${to}</loc></sitemap></sitemapindex>`);
    });
    const bee = client({
      allowPrivate: ["127.0.0.1/32"],
      resolve: [
        ["inner.test", "127.0.0.2"],
        ["outer.test", "127.0.0.1"],
      ],
    });
    const trail = await followRedirects(bee.get, new URL(`http://outer.test:${server.port}/`), {});
    expect(trail).toMatchObject({ type: "failure", error: { kind: "address" } });
    const warnings: string[] = [];
    const warn = ({ message }: { message: string }) => warnings.push(message);
    const roots = [`http://outer.test:${server.port}/index.xml`];
    const { hostname } = new URL(to);
    for await (const _ of readSitemaps({ get: bee.get, roots, warn, domain: domainOf(hostname) }));
    expect(warnings).toEqual([expect.stringMatching(/^expected a public address, got /)]);
    expect(reached).toEqual([]);
  },
);

test("a refused host leaves nothing in the agent", async () => {
  const agents = guardedAgents({ allowPrivate: [], resolve: [], resolveName: async () => [] });
  const { get } = await import("node:http");
  for (let i = 1; i <= 20; i++) {
    const request = get({ host: `127.0.0.${i}`, agent: agents.http });
    await new Promise((resolve) => request.once("error", resolve));
  }
  expect([agents.http.sockets, agents.http.requests, agents.http.freeSockets]).toEqual([{}, {}, {}]);
});
