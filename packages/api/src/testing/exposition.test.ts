import { expect, test } from "@jest/globals";
import { readExposition, sampleOf } from "./exposition.ts";

const gauge = (...lines: string[]) => ["# HELP bee_x What", "# TYPE bee_x gauge", ...lines, ""].join("\n");
const histogram = (...lines: string[]) =>
  ["# HELP bee_x_seconds What", "# TYPE bee_x_seconds histogram", ...lines, ""].join("\n");

test("reads labels in whatever order, and what is escaped in them", () => {
  const exposition = readExposition(gauge('bee_x{a="1",b="a \\"b\\", c"} 5', "bee_x 1.5e3"));
  expect(sampleOf(exposition, "bee_x", { b: 'a \\"b\\", c', a: "1" })).toBe(5);
  expect(sampleOf(exposition, "bee_x")).toBe(1_500);
  expect(sampleOf(exposition, "bee_x", { a: "1" })).toBeUndefined();
});

test.each([
  ["no line feed at its end", gauge("bee_x 1").trimEnd()],
  ["no type", "# HELP bee_x What\nbee_x 1\n"],
  ["another's sample", gauge("bee_y 1")],
  ["no number", gauge("bee_x NaN")],
  ["a series twice", gauge('bee_x{a="1"} 1', 'bee_x{a="1"} 2')],
  ["a label without quotes", gauge("bee_x{a=1} 1")],
  ["a quote in a label", gauge('bee_x{a="1"2"} 1')],
  ["a foreign prefix", gauge("bee_x 1").replaceAll("bee", "hive")],
  ["a counter without _total", gauge("bee_x 1").replace("gauge", "counter")],
  ["milliseconds", gauge("bee_x 1").replaceAll("bee_x", "bee_x_ms")],
  ["a metric twice", gauge("bee_x 1") + gauge("bee_x 1")],
  [
    "buckets that shrink",
    histogram(
      'bee_x_seconds_bucket{le="1"} 2',
      'bee_x_seconds_bucket{le="+Inf"} 1',
      "bee_x_seconds_sum 1",
      "bee_x_seconds_count 1",
    ),
  ],
  [
    "no bucket for the rest",
    histogram('bee_x_seconds_bucket{le="1"} 1', "bee_x_seconds_sum 1", "bee_x_seconds_count 1"),
  ],
  [
    "another count than the buckets'",
    histogram('bee_x_seconds_bucket{le="+Inf"} 1', "bee_x_seconds_sum 1", "bee_x_seconds_count 2"),
  ],
])("refuses an exposition with %s", (_, text) => {
  expect(() => readExposition(text)).toThrow("expected");
});
