import type { VisitTask } from "@bee/core";
import { expect, test } from "@jest/globals";
import { USUAL_VISIT } from "./testing/visit.ts";
import { packVisit, unpackVisit } from "./visit-data.ts";

const UNUSUAL: VisitTask = {
  ...USUAL_VISIT,
  visit: "prove",
  attempts: 2,
  handBacks: 1,
  suspect: true,
  verify: "none",
  followLinks: true,
  ruleRevision: 2,
};

test.each([
  ["a usual visit", USUAL_VISIT],
  ["an unusual visit", UNUSUAL],
])("%s comes out of Redis as it went in", (_name, task) => {
  expect(unpackVisit(JSON.parse(JSON.stringify(packVisit(task))))).toEqual(task);
});

test("what is usual takes no room", () => {
  expect(Object.keys(packVisit(USUAL_VISIT))).toEqual("page lease job tier domain url rule".split(" "));
});
