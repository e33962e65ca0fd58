import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { chooseFleet, chooseRegion, estimatePages, type LiveFleet, type RoutingFacts } from "./routing.ts";
import { TIERS, type Tier } from "./tier.ts";

const fleet = (region: string, load = 0, workerClass = "general"): LiveFleet => ({
  region,
  workerClass,
  busy: Math.round(200 * load),
  usable: 200,
});

const facts = (more: Partial<RoutingFacts> = {}): RoutingFacts => ({
  domain: "example.fr",
  tier: "normal",
  estimatedPages: 100,
  live: [fleet("eu"), fleet("us"), fleet("ap")],
  firstBytes: new Map(),
  book: {
    eu: { countries: ["de", "fr"], networks: [] },
    us: { countries: ["us"], networks: ["192.0.2.0/24", "2001:db8::/32"] },
  },
  home: { region: "default", workerClass: "general" },
  ...more,
});

const BYTES = new Map([
  ["eu", 80],
  ["us", 210],
]);

describe("a job's region", () => {
  test.each<[string, Partial<RoutingFacts>, region: string, reason: string]>([
    [
      "is the one asked for, however full",
      { asked: "us", live: [fleet("eu"), fleet("us", 1)] },
      "us",
      "us was asked for",
    ],
    ["is near the ending of the name", {}, "eu", "eu is near .fr"],
    ["is near the address", { domain: "192.0.2.9" }, "us", "us is near 192.0.2.9"],
    ["is near the IPv6 address", { domain: "[2001:db8::1]" }, "us", "us is near 2001:db8::1"],
    [
      "is where the first byte comes first, whatever the ending says",
      { domain: "example.us", firstBytes: BYTES },
      "eu",
      "eu is nearest: 80 ms to the first byte, 210 ms in us",
    ],
    [
      "is near the ending where one region alone has measured",
      { firstBytes: new Map([["us", 210]]) },
      "eu",
      "eu is near .fr",
    ],
    [
      "is the one that has measured where no place is known",
      { domain: "example.com", firstBytes: new Map([["us", 210]]) },
      "us",
      "us knows it: 210 ms to the first byte",
    ],
    [
      "is the roomiest where nothing is known",
      { domain: "example.com", live: [fleet("eu", 0.5), fleet("us", 0.2), fleet("ap", 0.3)] },
      "us",
      "nothing says which region is near, and us has the most room",
    ],
    [
      "is the home of the API where nothing is known and all have as much room",
      { domain: "example.com", home: { region: "us", workerClass: "general" } },
      "us",
      "nothing says which region is near, and us has the most room",
    ],
    [
      "is one that lives, though another was measured faster",
      { firstBytes: BYTES, live: [fleet("us"), fleet("ap")] },
      "us",
      "us knows it: 210 ms to the first byte",
    ],
    [
      "is one that lives, though another is nearer",
      { live: [fleet("ap", 0.4), fleet("us", 0.1)] },
      "us",
      "nothing says which region is near, and us has the most room",
    ],
    ["is the only one with workers", { live: [fleet("ap", 1)] }, "ap", "ap is the only region with workers"],
    ["is the nearest at 80 % load", { live: [fleet("eu", 0.8), fleet("us")] }, "eu", "eu is near .fr"],
    [
      "is another above 80 %",
      { live: [fleet("eu", 0.9), fleet("us", 0.5), fleet("ap", 0.2)] },
      "ap",
      "eu is near .fr, but 90 % of its slots are busy, of those of ap 20 %",
    ],
    [
      "is then the next that was measured, where that has room",
      { firstBytes: BYTES, live: [fleet("eu", 0.9), fleet("us", 0.5), fleet("ap", 0.2)] },
      "us",
      "eu is nearest: 80 ms to the first byte, 210 ms in us, but 90 % of its slots are busy, of those of us 50 %",
    ],
    [
      "is the less full where all are",
      { live: [fleet("eu", 0.95), fleet("us", 0.9)] },
      "us",
      "eu is near .fr, but 95 % of its slots are busy, of those of us 90 %",
    ],
    [
      "is the nearest where none is less full",
      { live: [fleet("eu", 1), fleet("us", 1)] },
      "eu",
      "eu is near .fr",
    ],
    ["is home while nobody lives", { live: [] }, "default", "no worker lived in any region"],
    [
      "is the one asked for while nobody lives",
      { live: [], asked: "us" },
      "us",
      "no worker lived in any region",
    ],
  ])("%s", (_, more, region, reason) => {
    expect(chooseRegion(facts(more))).toEqual({ region, reason });
  });

  test("counts the load of all its fleets together", () => {
    const live = [fleet("eu", 1), fleet("eu", 0.2, "high-capacity"), fleet("us", 0.1)];
    expect(chooseRegion(facts({ live })).region).toBe("eu");
  });
});

describe("a job's class", () => {
  const live = [fleet("eu"), fleet("eu", 0, "high-capacity")];

  test.each<[string, Partial<RoutingFacts>, workerClass: string]>([
    ["of 1,000 pages is the usual one", { estimatedPages: 1_000 }, "general"],
    ["of more is high capacity", { estimatedPages: 1_001 }, "high-capacity"],
    [
      "of a critical job is the usual one, however many pages",
      { estimatedPages: 5_000, tier: "critical" },
      "general",
    ],
    [
      "is the usual one where the region has no other",
      { estimatedPages: 5_000, live: [fleet("eu")] },
      "general",
    ],
    ["is what there is", { live: [fleet("eu", 0, "high-capacity")] }, "high-capacity"],
    [
      "is the roomiest of those not kept for large jobs",
      {
        live: [fleet("eu", 0, "high-capacity"), fleet("eu", 0.7, "a"), fleet("eu", 0.3, "b")],
      },
      "b",
    ],
  ])("%s", (_, more, workerClass) => {
    expect(chooseFleet(facts({ live, ...more })).workerClass).toBe(workerClass);
  });

  test("of a large job is told with its region", () => {
    expect(chooseFleet(facts({ live, estimatedPages: 5_000 })).reason).toBe(
      "eu is the only region with workers; 5,000 pages need its high capacity",
    );
  });
});

test.each([
  ["of a new domain are as many as the job may have", 500, null, 500],
  ["are as many as the last job found", 5_000, { total: 40, maxPages: 500 }, 40],
  ["are no more than the job may have", 20, { total: 40, maxPages: 500 }, 20],
  ["are unknown where the last job stopped at its limit", 5_000, { total: 500, maxPages: 500 }, 5_000],
])("the estimated pages %s", (_, maxPages, earlier, expected) => {
  expect(estimatePages(maxPages, earlier)).toBe(expected);
});

const REGIONS = ["eu", "us", "ap", "default"];
const anyFacts: fc.Arbitrary<RoutingFacts> = fc
  .record({
    asked: fc.option(fc.constantFrom(...REGIONS, "mars"), { nil: undefined }),
    domain: fc.constantFrom("example.fr", "example.com", "example.us", "192.0.2.1"),
    tier: fc.constantFrom<Tier>(...TIERS),
    estimatedPages: fc.nat(5_000),
    live: fc.uniqueArray(
      fc.record({
        region: fc.constantFrom(...REGIONS),
        workerClass: fc.constantFrom("general", "high-capacity", "other"),
        busy: fc.nat(200),
        usable: fc.nat(200),
      }),
      { selector: ({ region, workerClass }) => `${region} ${workerClass}`, maxLength: 8 },
    ),
    firstBytes: fc
      .array(fc.tuple(fc.constantFrom(...REGIONS), fc.nat(2_000)))
      .map((times) => new Map<string, number>(times)),
  })
  .map((more) => facts(more));

test("a job goes to a fleet that lives, while any does, and each choice has its reason", () =>
  fc.assert(
    fc.property(anyFacts, (given) => {
      const { region, workerClass, reason } = chooseFleet(given);
      const lives = given.live.some((live) => live.region === region && live.workerClass === workerClass);
      expect(lives).toBe(given.live.length > 0);
      expect(reason).not.toBe("");
    }),
  ));

function loadOf({ live }: RoutingFacts, region: string): number {
  const fleets = live.filter((fleet) => fleet.region === region);
  const usable = fleets.reduce((sum, fleet) => sum + fleet.usable, 0);
  return usable === 0 ? 1 : fleets.reduce((sum, fleet) => sum + fleet.busy, 0) / usable;
}

test("no job goes to a full region without being asked to while another is less full", () =>
  fc.assert(
    fc.property(anyFacts, (given) => {
      fc.pre(given.live.length > 0 && !given.live.some(({ region }) => region === given.asked));
      const load = loadOf(given, chooseRegion(given).region);
      const others = given.live.map(({ region }) => loadOf(given, region));
      // Whoever is above 0.8 was chosen because nobody is below it.
      expect(load <= 0.8 || load <= Math.min(...others)).toBe(true);
    }),
  ));

test("the order in which fleets are listed decides nothing", () =>
  fc.assert(
    fc.property(anyFacts, (given) => {
      expect(chooseRegion({ ...given, live: given.live.toReversed() })).toEqual(chooseRegion(given));
    }),
  ));
