import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { grantSlots, type SlotDemand } from "./grant-slots.ts";
import { type PerTier, perTier, TIER_SHARES, TIERS } from "./tier.ts";

const NONE: PerTier<number> = { critical: 0, high: 0, normal: 0, low: 0 };
const MANY: PerTier<number> = { critical: 999, high: 999, normal: 999, low: 999 };

function grant(demand: SlotDemand): number[] {
  const grants = grantSlots(demand);
  return TIERS.map((tier) => grants[tier]);
}

function sum(values: PerTier<number>): number {
  return TIERS.reduce((total, tier) => total + values[tier], 0);
}

test.each<[string, Partial<SlotDemand>, number[]]>([
  ["under contention the founding plan's shares hold", { demand: MANY }, [100, 60, 30, 10]],
  ["without work there is only the reserve", { demand: NONE }, [4, 0, 0, 0]],
  ["one tier alone gets all but the reserve", { demand: { ...NONE, low: 999 } }, [4, 0, 0, 196]],
  ["critical alone gets everything", { demand: { ...NONE, critical: 999 } }, [200, 0, 0, 0]],
  ["what one does not need the others share by weight", { demand: { ...MANY, high: 0 } }, [143, 0, 43, 14]],
  ["a small demand is met whole", { demand: { critical: 2, high: 2, normal: 2, low: 2 } }, [4, 2, 2, 2]],
  [
    "a tier that borrowed keeps its visits, and the others wait for them",
    { demand: MANY, busy: { ...NONE, low: 196 } },
    [4, 0, 0, 10],
  ],
  ["and get the room as those end", { demand: MANY, busy: { ...NONE, low: 60 } }, [100, 40, 0, 10]],
  ["with four slots nobody starves", { slots: 4, criticalReserve: 1, demand: MANY }, [1, 1, 1, 1]],
  ["with ten neither", { slots: 10, criticalReserve: 1, demand: MANY }, [5, 3, 1, 1]],
])("%s", (_, input, expected) => {
  expect(
    grant({ slots: 200, shares: TIER_SHARES, demand: MANY, busy: NONE, criticalReserve: 4, ...input }),
  ).toEqual(expected);
});

const perTierOf = (max: number) =>
  fc.record({ critical: fc.nat(max), high: fc.nat(max), normal: fc.nat(max), low: fc.nat(max) });

const anyInput: fc.Arbitrary<SlotDemand> = fc
  .record({
    slots: fc.integer({ min: 4, max: 300 }),
    demand: perTierOf(400),
    busy: perTierOf(100),
    reserve: fc.nat(10),
  })
  .map(({ slots, demand, busy, reserve }) => ({
    slots,
    shares: TIER_SHARES,
    demand: perTier((tier) => demand[tier] + busy[tier]),
    busy,
    criticalReserve: Math.min(reserve, slots >> 1),
  }));

const idleInput = anyInput.map((input) => ({ ...input, busy: NONE }));

test("grants are whole, and never more than was asked for, but for critical's reserve", () =>
  fc.assert(
    fc.property(anyInput, (input) => {
      const grants = grantSlots(input);
      for (const tier of TIERS) {
        expect(Number.isInteger(grants[tier])).toBe(true);
        expect(grants[tier]).toBeGreaterThanOrEqual(0);
        const most =
          tier === "critical" ? Math.max(input.demand[tier], input.criticalReserve) : input.demand[tier];
        expect(grants[tier]).toBeLessThanOrEqual(most);
      }
    }),
  ));

test("what is granted and what is busy fit the slots, as far as what is busy allows", () =>
  fc.assert(
    fc.property(anyInput, (input) => {
      const grants = grantSlots(input);
      const held = sum(perTier((tier) => Math.max(grants[tier], input.busy[tier])));
      const unavoidable = sum({
        ...input.busy,
        critical: Math.max(input.busy.critical, input.criticalReserve),
      });
      expect(held).toBeLessThanOrEqual(Math.max(input.slots, unavoidable));
    }),
  ));

test("critical always keeps its reserve", () =>
  fc.assert(
    fc.property(anyInput, (input) => {
      expect(grantSlots(input).critical).toBeGreaterThanOrEqual(Math.min(input.criticalReserve, input.slots));
    }),
  ));

test("no slot stays idle while somebody wants it, but for critical's reserve", () =>
  fc.assert(
    fc.property(idleInput, (input) => {
      const grants = grantSlots(input);
      const wanted = sum(input.demand);
      expect(sum(grants)).toBeGreaterThanOrEqual(Math.min(input.slots, wanted));
    }),
  ));

test("a tier with work gets its share, to within a slot of rounding, and at least one where there are enough", () =>
  fc.assert(
    fc.property(idleInput, (input) => {
      const grants = grantSlots(input);
      // The reserve comes out of the shares of the others where it is more than critical's own.
      const rest = input.slots - Math.max(0, input.criticalReserve - Math.floor(input.slots / 2));
      const least = input.slots - input.criticalReserve >= TIERS.length ? 1 : 0;
      for (const tier of TIERS) {
        const share = Math.floor((rest * TIER_SHARES[tier]) / 100);
        expect(grants[tier]).toBeGreaterThanOrEqual(Math.min(input.demand[tier], Math.max(least, share - 1)));
      }
    }),
    { numRuns: 2_000 },
  ));

test("a tier that wants more never gets less, and takes nothing from a share that another wants", () =>
  fc.assert(
    fc.property(
      idleInput,
      fc.constantFrom(...TIERS),
      fc.integer({ min: 1, max: 400 }),
      (input, tier, more) => {
        const before = grantSlots(input);
        const after = grantSlots({
          ...input,
          demand: { ...input.demand, [tier]: input.demand[tier] + more },
        });
        expect(after[tier]).toBeGreaterThanOrEqual(before[tier]);
        const rest = input.slots - Math.max(0, input.criticalReserve - Math.floor(input.slots / 2));
        for (const other of TIERS.filter((one) => one !== tier)) {
          const share = Math.floor((rest * TIER_SHARES[other]) / 100);
          expect(after[other]).toBeGreaterThanOrEqual(Math.min(before[other], share - 1));
        }
      },
    ),
    { numRuns: 2_000 },
  ));

test("with more slots no tier gets less, to within a slot of rounding", () =>
  fc.assert(
    fc.property(idleInput, fc.integer({ min: 1, max: 100 }), (input, more) => {
      const before = grantSlots(input);
      const after = grantSlots({ ...input, slots: input.slots + more });
      for (const tier of TIERS) expect(after[tier]).toBeGreaterThanOrEqual(before[tier] - 1);
    }),
    { numRuns: 2_000 },
  ));

test("a tier that is always hungry is served, whoever held the slots before, once those visits have ended", () =>
  fc.assert(
    fc.property(anyInput, (input) => {
      fc.pre(input.slots - input.criticalReserve >= TIERS.length);
      // Visits end and only what is granted begins: each round half of what is above its grant is gone.
      let busy = input.busy;
      for (let round = 0; round < 12; round += 1) {
        const grants = grantSlots({ ...input, busy });
        busy = perTier((tier) => {
          const wanted = Math.min(grants[tier], input.demand[tier]);
          return busy[tier] > wanted ? wanted + Math.floor((busy[tier] - wanted) / 2) : wanted;
        });
      }
      for (const tier of TIERS) if (input.demand[tier] > 0) expect(busy[tier]).toBeGreaterThan(0);
      expect(sum(busy)).toBeLessThanOrEqual(input.slots);
    }),
  ));
