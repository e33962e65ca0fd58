import { expect, test } from "@jest/globals";
import { client, serve } from "./testing/servers.ts";

const HOST = "health.internal";

const routed = (found: { address: string; port: number } | null, resolve: [string, string][] = []) =>
  client({
    allowPrivate: [],
    resolve,
    internal: { host: HOST, find: async () => found },
    resolveName: async () => ["127.0.0.1"],
  });

const api = () => serve((_, response) => response.end());

test("the one name leads to the service, although its address is private", async () => {
  const { port } = await api();
  const bee = routed({ address: "127.0.0.1", port });
  expect(await bee.get(new URL(`http://${HOST}:${port}/livez`))).toMatchObject({ status: 200 });
});

test.each(["other.internal", "db.health.internal", "health.internal.example", "127.0.0.1"])(
  "%s does not lead there",
  async (host) => {
    const { port } = await api();
    const bee = routed({ address: "127.0.0.1", port });
    await expect(bee.get(new URL(`http://${host}:${port}/livez`))).rejects.toMatchObject({ kind: "address" });
  },
);

test("the name leads to no other port of that machine", async () => {
  const [own, other] = await Promise.all([api(), api()]);
  const bee = routed({ address: "127.0.0.1", port: own.port });
  await expect(bee.get(new URL(`http://${HOST}:${other.port}/`))).rejects.toMatchObject({
    kind: "address",
    message: expect.stringContaining(`health.internal at port ${other.port}`),
  });
});

test("while nobody knows where the service is, the name does not exist, whatever name servers say", async () => {
  const { port } = await api();
  await expect(routed(null).get(new URL(`http://${HOST}:${port}/`))).rejects.toMatchObject({ kind: "dns" });
});

test("an operator's override goes before it, and is checked like any address", async () => {
  const { port } = await api();
  const bee = routed({ address: "127.0.0.1", port }, [[HOST, "127.0.0.1"]]);
  await expect(bee.get(new URL(`http://${HOST}:${port}/`))).rejects.toMatchObject({ kind: "address" });
});
