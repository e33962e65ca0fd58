import { expect, test } from "@jest/globals";
import { guardedLookup, type LookupOptions } from "./guarded-lookup.ts";

/** Looks a name up as a socket does. */
function lookup(host: string, options: Partial<LookupOptions>, all = true): Promise<unknown> {
  const ask = guardedLookup({
    allowPrivate: [],
    resolve: [],
    resolveName: async () => {
      throw new Error(`expected no question, got one for ${host}`);
    },
    ...options,
  });
  return new Promise((resolve, reject) => {
    ask(host, { all }, (error, address, family) =>
      error ? reject(error) : resolve(all ? address : [address, family]),
    );
  });
}

const answers = (...addresses: string[]) => ({ resolveName: async () => addresses });

test("hands on exactly the addresses that were checked", async () => {
  expect(await lookup("a.example", answers("93.184.216.34", "2606:2800:220:1::1"))).toEqual([
    { address: "93.184.216.34", family: 4 },
    { address: "2606:2800:220:1::1", family: 6 },
  ]);
  expect(await lookup("a.example", answers("93.184.216.34"), false)).toEqual(["93.184.216.34", 4]);
});

test.each([["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["2606:2800:220:1::1", "::ffff:169.254.169.254"]])(
  "refuses a name with a single address that is not public: %s",
  async (...addresses) => {
    await expect(lookup("a.example", answers(...addresses))).rejects.toMatchObject({
      kind: "address",
      message: expect.stringMatching(
        /^expected a public address, got a\.example at [\d.:a-f]+; BEE_ALLOW_PRIVATE lists/,
      ),
    });
  },
);

test("a name without an address does not exist", async () => {
  await expect(lookup("a.example", answers())).rejects.toMatchObject({ code: "ENOTFOUND" });
});

test("an allowed network is allowed", async () => {
  expect(await lookup("a.example", { ...answers("10.1.2.3"), allowPrivate: ["10.0.0.0/8"] })).toHaveLength(1);
});

test("overrides are exact or for all names below, never asked for, and checked like any address", async () => {
  const resolve = [
    ["*.test", "127.0.0.1"],
    ["Shop.test", "127.0.0.2"],
    ["mix.test", "1.1.1.1"],
    ["mix.test", "127.0.0.1"],
  ] as const;
  const options = { resolve, allowPrivate: ["127.0.0.0/8"] };
  expect(await lookup("deep.a.TEST", options)).toEqual([{ address: "127.0.0.1", family: 4 }]);
  expect(await lookup("shop.test.", options)).toEqual([{ address: "127.0.0.2", family: 4 }]);
  expect(await lookup("mix.test", options)).toHaveLength(2);
  await expect(lookup("a.test", { resolve })).rejects.toMatchObject({ kind: "address" });
  await expect(lookup("mix.test", { resolve })).rejects.toMatchObject({ kind: "address" });
  expect(await lookup("test", { ...options, ...answers("1.1.1.1") })).toEqual([
    { address: "1.1.1.1", family: 4 },
  ]);
  expect(await lookup("contest", { ...options, ...answers("1.1.1.1") })).toEqual([
    { address: "1.1.1.1", family: 4 },
  ]);
});

test("an override that is no address is a mistake at the start", () => {
  expect(() =>
    guardedLookup({ allowPrivate: [], resolve: [["a.test", "localhost"]], resolveName: async () => [] }),
  ).toThrow('expected an IP address for a.test, got "localhost"');
});

test.each(["invalid", "a.invalid", "A.INVALID."])("%s never exists and is never asked for", async (host) => {
  await expect(lookup(host, {})).rejects.toMatchObject({ code: "ENOTFOUND" });
});

test("a name server that changes its mind between two look-ups gains nothing", async () => {
  const changing = [["93.184.216.34"], ["127.0.0.1"]];
  const options = { resolveName: async () => changing.shift()! };
  expect(await lookup("rebind.example", options)).toEqual([{ address: "93.184.216.34", family: 4 }]);
  await expect(lookup("rebind.example", options)).rejects.toMatchObject({ kind: "address" });
});
