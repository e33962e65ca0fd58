import type { VisitTask } from "@bee/core";
import { expect, test } from "@jest/globals";
import { packVisit, unpackVisit } from "./visit-data.ts";

const USUAL: VisitTask = {
  page: "1",
  lease: 1,
  job: "0198",
  tier: "normal",
  domain: "example.com",
  url: "https://example.com/",
  visit: "warm",
  attempts: 0,
  handBacks: 0,
  suspect: false,
  verify: "all",
  followLinks: false,
  rule: { requestsPerSecond: 3, burst: 5, concurrency: 3 },
  ruleRevision: 1,
};
const UNUSUAL: VisitTask = {
  ...USUAL,
  visit: "prove",
  attempts: 2,
  handBacks: 1,
  suspect: true,
  verify: "none",
  followLinks: true,
  ruleRevision: 2,
};

test.each([
  ["a usual visit", USUAL],
  ["an unusual visit", UNUSUAL],
])("%s comes out of Redis as it went in", (_name, task) => {
  expect(unpackVisit(JSON.parse(JSON.stringify(packVisit(task))))).toEqual(task);
});

test("what is usual takes no room", () => {
  expect(Object.keys(packVisit(USUAL))).toEqual("page lease job tier domain url rule".split(" "));
});
