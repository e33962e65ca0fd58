import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { type SlotPressure, usableSlots } from "./usable-slots.ts";

test.each<[string, Omit<SlotPressure, "slots">, number]>([
  ["on time, all are usable", { usable: 200, busy: 200, lagMs: 1 }, 200],
  ["late, a fifth less than were busy", { usable: 200, busy: 190, lagMs: 11 }, 152],
  ["late for long, still half of them", { usable: 100, busy: 100, lagMs: 500 }, 100],
  ["on time again, a few more than before", { usable: 150, busy: 148, lagMs: 4 }, 160],
  ["on time, but not all are busy: there is no telling", { usable: 150, busy: 100, lagMs: 4 }, 150],
  ["between late and on time, as many as before", { usable: 150, busy: 150, lagMs: 8 }, 150],
])("%s", (_, pressure, expected) => {
  expect(usableSlots({ slots: 200, ...pressure })).toBe(expected);
});

const anyPressure = fc
  .record({ slots: fc.integer({ min: 4, max: 2_000 }), part: fc.double({ min: 0.5, max: 1, noNaN: true }) })
  .chain(({ slots, part }) =>
    fc.record({
      slots: fc.constant(slots),
      usable: fc.constant(Math.ceil(slots * part)),
      busy: fc.nat(2 * slots),
      lagMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    }),
  );

test("whatever happens, between half and all of the slots are usable, and a later loop never gets more", () =>
  fc.assert(
    fc.property(anyPressure, fc.double({ min: 0, max: 1_000, noNaN: true }), (pressure, later) => {
      const usable = usableSlots(pressure);
      expect(Number.isInteger(usable)).toBe(true);
      expect(usable).toBeGreaterThanOrEqual(pressure.slots / 2);
      expect(usable).toBeLessThanOrEqual(pressure.slots);
      expect(usableSlots({ ...pressure, lagMs: pressure.lagMs + later })).toBeLessThanOrEqual(usable);
    }),
  ));

test("a busy worker that is on time gets all its slots back", () =>
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 2_000 }), (slots) => {
      let usable = Math.ceil(slots / 2);
      for (let i = 0; i < 20; i += 1) usable = usableSlots({ slots, usable, busy: usable, lagMs: 0 });
      expect(usable).toBe(slots);
    }),
  ));
