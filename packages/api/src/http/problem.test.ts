import { BeeError } from "@bee/core";
import { expect, test } from "@jest/globals";
import { toProblem } from "./problem.ts";

test("a caller's mistake is explained, with the parts that are wrong", () => {
  const parts = [{ pointer: "/maxPages", detail: "expected a number" }];
  expect(toProblem(new BeeError("invalid-request", "the body is wrong", { parts }), "r-1")).toEqual({
    type: "urn:bee:problem:invalid-request",
    title: "The request does not have the expected shape",
    status: 422,
    detail: "the body is wrong",
    instance: "urn:bee:request:r-1",
    errors: parts,
  });
});

test("a mistake of ours is not: its text may hold anything", () => {
  const problem = toProblem(new BeeError("internal", 'column "secret" does not exist'), "r-2");
  expect(problem).toMatchObject({ status: 500, instance: "urn:bee:request:r-2" });
  expect(JSON.stringify(problem)).not.toContain("secret");
});
