import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { RecentWishes } from "./recent-wishes.ts";

test("is the highest wish of the time, in whatever order they came", () => {
  const wish = fc.record({ afterMs: fc.nat(50), workers: fc.nat(25) });
  fc.assert(
    fc.property(fc.array(wish), (wishes) => {
      const recent = new RecentWishes(100);
      const all: { at: number; workers: number }[] = [];
      let now = 0;
      for (const { afterMs, workers } of wishes) {
        now += afterMs;
        recent.add(now, workers);
        all.push({ at: now, workers });
        const young = all.filter(({ at }) => now - at < 100).map((one) => one.workers);
        expect(recent.highest(now)).toBe(Math.max(...young));
      }
    }),
  );
});

test("forgets a wish when its time is over", () => {
  const recent = new RecentWishes(100);
  recent.add(0, 25);
  expect([recent.highest(99), recent.highest(100)]).toEqual([25, 0]);
});
