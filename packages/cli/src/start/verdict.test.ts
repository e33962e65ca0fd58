import { expect, test } from "@jest/globals";
import { wireJob, wireReport } from "../testing/wire-samples.ts";
import { demoDifferences } from "./demo.ts";
import { shortcomings } from "./shortcomings.ts";

const { summary } = wireReport();

function withNumbers(outcomes: Partial<typeof summary.outcomes>, cache: Partial<typeof summary.cache> = {}) {
  return wireReport({
    summary: {
      ...summary,
      outcomes: { ...summary.outcomes, ...outcomes },
      cache: { ...summary.cache, ...cache },
    },
  });
}

test("pages that cannot be cached are no shortcoming of the warming", () => {
  expect(shortcomings(withNumbers({ broken: 4, disallowed: 2, skipped: 1 }, { uncacheable: 3 }))).toEqual([]);
});

const NOT_PROVED = "expected every cacheable page to be proved warm, got";

test.each([
  [`${NOT_PROVED} 1 page that is not`, withNumbers({}, { unproven: 1 })],
  [`${NOT_PROVED} 2 pages that are not`, withNumbers({ blocked: 1, unreachable: 1 })],
  ["expected the job to be completed, got cancelled", wireReport({ job: wireJob({ status: "cancelled" }) })],
])("%s", (problem, report) => {
  expect(shortcomings(report)).toEqual([problem]);
});

test("the demo must be found as it is: its missing pages too", () => {
  const expected = { pages: 10, outcomes: summary.outcomes, firstRun: summary.cache };
  expect(demoDifferences(wireReport(), expected)).toEqual([]);
  expect(demoDifferences(withNumbers({ ok: 9, broken: 1 }, { warmed: 9, none: 1 }), expected)).toEqual([
    "expected 10 ok, got 9",
    "expected 0 broken, got 1",
    "expected 10 warmed, got 9",
  ]);
});
