import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { grantSlots } from "./grant-slots.ts";
import { allowedSlots, shedSlots } from "./shed-slots.ts";
import { type PerTier, TIER_SHARES, TIERS, type Tier } from "./tier.ts";

const NONE: PerTier<number> = { critical: 0, high: 0, normal: 0, low: 0 };
const sum = (values: PerTier<number>) => TIERS.reduce((total, tier) => total + values[tier], 0);
const shed = (grants: PerTier<number>, allowed: number) =>
  shedSlots({ grants, allowed, shares: TIER_SHARES, criticalReserve: 10 });

test.each<[string, Parameters<typeof allowedSlots>[0], number]>([
  ["overloaded, a fifth less than were busy", { slots: 200, allowed: 200, busy: 100, overloaded: true }, 80],
  ["still overloaded, again a fifth less", { slots: 200, allowed: 80, busy: 90, overloaded: true }, 64],
  ["overloaded for long, still a tenth", { slots: 200, allowed: 20, busy: 20, overloaded: true }, 20],
  ["at ease, a twentieth of all more", { slots: 200, allowed: 50, busy: 50, overloaded: false }, 60],
  ["at ease for long, all", { slots: 200, allowed: 195, busy: 0, overloaded: false }, 200],
])("%s", (_, load, expected) => {
  expect(allowedSlots(load)).toBe(expected);
});

test.each<[string, PerTier<number>, number, number[]]>([
  ["what is allowed is enough", { ...NONE, low: 100 }, 100, [0, 0, 0, 100]],
  ["low gives first", { critical: 20, high: 60, normal: 60, low: 60 }, 150, [20, 60, 60, 10]],
  ["then normal, down to its share", { critical: 20, high: 60, normal: 60, low: 60 }, 100, [20, 60, 15, 5]],
  ["low alone gives down to what is allowed", { ...NONE, critical: 10, low: 190 }, 100, [10, 0, 0, 90]],
  [
    "under contention the shares stay",
    { critical: 100, high: 60, normal: 30, low: 10 },
    100,
    [50, 30, 15, 5],
  ],
])("%s", (_, grants, allowed, expected) => {
  const left = shed(grants, allowed);
  expect(TIERS.map((tier) => left[tier])).toEqual(expected);
});

const anyGrants = fc
  .record({
    slots: fc.integer({ min: 4, max: 400 }),
    demand: fc.record({ critical: fc.nat(500), high: fc.nat(500), normal: fc.nat(500), low: fc.nat(500) }),
  })
  .map(({ slots, demand }) => {
    const reserve = Math.ceil(slots / 20);
    const grants = grantSlots({ slots, shares: TIER_SHARES, demand, busy: NONE, criticalReserve: reserve });
    return { slots, grants, reserve };
  });

const anyShed = anyGrants.chain((granted) =>
  fc.record({ granted: fc.constant(granted), allowed: fc.integer({ min: 1, max: granted.slots }) }),
);

test("no more is filled than allowed, but for each tier's one slot and critical's reserve; nobody gets more or starves", () =>
  fc.assert(
    fc.property(anyShed, ({ granted: { grants, reserve }, allowed }) => {
      const left = shedSlots({ grants, allowed, shares: TIER_SHARES, criticalReserve: reserve });
      expect(sum(left)).toBeLessThanOrEqual(allowed + TIERS.length + reserve);
      for (const tier of TIERS) {
        expect(left[tier]).toBeLessThanOrEqual(grants[tier]);
        expect(left[tier]).toBeGreaterThanOrEqual(Math.min(1, grants[tier]));
      }
      expect(left.critical).toBeGreaterThanOrEqual(Math.min(grants.critical, reserve));
    }),
  ));

test("a tier gives only when every less urgent one has given all but its share", () =>
  fc.assert(
    fc.property(anyShed, ({ granted: { grants, reserve }, allowed }) => {
      const left = shedSlots({ grants, allowed, shares: TIER_SHARES, criticalReserve: reserve });
      const share = (tier: Tier) => Math.max(1, (allowed * TIER_SHARES[tier]) / 100);
      for (const [i, tier] of TIERS.entries()) {
        if (left[tier] === grants[tier]) continue;
        for (const lower of TIERS.slice(i + 1)) expect(left[lower]).toBeLessThanOrEqual(share(lower));
      }
    }),
  ));

test("fewer allowed never means more for a tier", () =>
  fc.assert(
    fc.property(anyShed, fc.nat(400), ({ granted: { grants, reserve }, allowed }, fewer) => {
      const of = (count: number) =>
        shedSlots({ grants, allowed: count, shares: TIER_SHARES, criticalReserve: reserve });
      const [more, less] = [of(allowed), of(Math.max(0, allowed - fewer))];
      expect(sum(less)).toBeLessThanOrEqual(sum(more));
    }),
  ));

test("whatever the load, between a tenth and all slots are allowed, and at ease all come back", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 2_000 }),
      fc.array(fc.tuple(fc.boolean(), fc.nat(2_000)), { maxLength: 30 }),
      (slots, steps) => {
        let allowed = slots;
        for (const [overloaded, busy] of steps) {
          allowed = allowedSlots({ slots, allowed, busy, overloaded });
          expect(allowed).toBeGreaterThanOrEqual(slots / 10);
          expect(allowed).toBeLessThanOrEqual(slots);
        }
        for (let i = 0; i < 20; i++) allowed = allowedSlots({ slots, allowed, busy: 0, overloaded: false });
        expect(allowed).toBe(slots);
      },
    ),
  ));
