import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { PRODUCT_TOKEN, userAgentOf } from "./identity.ts";

const packages = new URL("../../", import.meta.url);
const versionIn = (file: URL): string => JSON.parse(readFileSync(file, "utf8")).version;
const version = versionIn(new URL("../package.json", packages));

test("a request names the product, its version, and where to complain", () => {
  expect(userAgentOf({ productToken: "AcmeWarmer", contactUrl: "https://acme.example/bot" })).toBe(
    `AcmeWarmer/${version} (+https://acme.example/bot; cache warming on request of the site; keeps to robots.txt)`,
  );
  expect(userAgentOf({ productToken: PRODUCT_TOKEN, contactUrl: undefined })).toBe(
    `BlueBandedBee/${version} (cache warming on request of the site; keeps to robots.txt)`,
  );
});

test("all packages have the version of the product", () => {
  const versions = readdirSync(packages).map((name) => versionIn(new URL(`${name}/package.json`, packages)));
  expect(new Set(versions)).toEqual(new Set([version]));
});
