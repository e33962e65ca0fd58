import { silentLog } from "@bee/core";
import { expect, test } from "@jest/globals";
import { Platforms } from "./platforms.ts";

const SHOPIFY = { "x-shopid": "1" };

function platforms(record: (domain: string) => Promise<void> = async () => {}) {
  const told: string[] = [];
  const all = new Platforms({
    record: (domain, platform) => {
      told.push(`${domain} ${platform}`);
      return record(domain);
    },
    log: silentLog,
  });
  return { all, told };
}

test("the platform of a domain is told once, whatever its later answers say", () => {
  const { all, told } = platforms();
  all.see("a.test", { server: "cloudflare" });
  all.see("a.test", SHOPIFY);
  all.see("a.test", SHOPIFY);
  all.see("a.test", { "x-wf-region": "us-east-1" });
  all.see("b.test", SHOPIFY);
  expect(told).toEqual(["a.test shopify.com", "b.test shopify.com"]);
});

test("what could not be recorded is told again", async () => {
  const refused = Promise.withResolvers<void>();
  const { all, told } = platforms(() => refused.promise);
  all.see("a.test", SHOPIFY);
  refused.reject(new Error("Postgres is away"));
  await refused.promise.catch(() => {});
  await Promise.resolve();
  all.see("a.test", SHOPIFY);
  expect(told).toHaveLength(2);
});
