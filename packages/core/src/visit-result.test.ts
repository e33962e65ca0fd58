import { expect, test } from "@jest/globals";
import { NOTHING_SEEN, type Settlement } from "./settlement.ts";
import { countVisits, type VisitResult, visitResultOf } from "./visit-result.ts";

const done = { type: "done", cache: "none", reason: null, seen: NOTHING_SEEN } as const;

test.each<[Settlement, VisitResult]>([
  [{ ...done, outcome: "ok" }, "ok"],
  [{ ...done, outcome: "disallowed" }, "disallowed"],
  [{ type: "prove", delayMs: 1_000, seen: NOTHING_SEEN }, "proving"],
  [{ type: "retry", delayMs: 1_000, reason: "", status: null }, "retried"],
  [{ type: "hand-back", delayMs: 0, closed: null, reason: "" }, "handed-back"],
])("a visit that ends as %j counts as %s", (settlement, result) => {
  expect(visitResultOf(settlement)).toBe(result);
});

test("what was handed back was not visited, and what is tried again has failed", () => {
  expect(countVisits({ ok: 5, broken: 1, retried: 2, "handed-back": 7 })).toEqual({ made: 8, failed: 3 });
  expect(countVisits({})).toEqual({ made: 0, failed: 0 });
});
