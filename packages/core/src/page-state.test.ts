import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { OUTCOMES } from "./outcome.ts";
import { endStateOf, mayMove, PAGE_STATES, type PageState } from "./page-state.ts";

const ENDS: readonly PageState[] = ["succeeded", "failed", "skipped", "cancelled"];
const wishes = fc.array(fc.constantFrom(...PAGE_STATES), { maxLength: 40 });

/** The states of a page of which these moves are wanted, one after the other, where each is made only if it may be. */
function walk(wanted: readonly PageState[]): PageState[] {
  const way: PageState[] = ["pending"];
  for (const to of wanted) if (mayMove(way.at(-1)!, to)) way.push(to);
  return way;
}

test("whatever is wanted of a page, one that was fine or that nobody may visit stays where it is", () => {
  fc.assert(
    fc.property(wishes, (wanted) => {
      const way = walk(wanted);
      const end = way.findIndex((state) => state === "succeeded" || state === "skipped");
      expect(end === -1 || end === way.length - 1).toBe(true);
    }),
  );
});

test("a page is visited only from the frontier, and an end leads nowhere but back to it", () => {
  fc.assert(
    fc.property(wishes, (wanted) => {
      const way = walk(wanted);
      way.forEach((state, i) => {
        if (state === "released") expect(way[i - 1]).toBe("pending");
        if (i > 0 && ENDS.includes(way[i - 1]!)) expect(state).toBe("pending");
      });
    }),
  );
});

test("from everywhere but a final end a page can still reach each of its ends", () => {
  const reachable = (from: PageState, seen = new Set<PageState>([from])): Set<PageState> => {
    for (const to of PAGE_STATES) {
      if (!mayMove(from, to) || seen.has(to)) continue;
      seen.add(to);
      reachable(to, seen);
    }
    return seen;
  };
  for (const from of ["pending", "released", "failed", "cancelled"] as const) {
    expect([...reachable(from)].sort()).toEqual([...PAGE_STATES].sort());
  }
});

test("no state leads to itself, and each outcome has its end", () => {
  for (const state of PAGE_STATES) expect(mayMove(state, state)).toBe(false);
  for (const outcome of OUTCOMES) expect(ENDS).toContain(endStateOf(outcome));
});
