import { expect, test } from "@jest/globals";
import { type Overload, overloadOf } from "./overload.ts";

test.each<[string, [cpu: number, memory: number], Overload | null, Overload | null]>([
  ["at ease", [40, 400], null, null],
  ["at 80 % of both", [80, 800], null, null],
  ["above 80 % of the CPU", [81, 400], null, "cpu"],
  ["above 0.8 of the memory", [40, 801], null, "memory"],
  ["above both: memory is the worse", [95, 900], null, "memory"],
  ["not yet clearly less CPU", [75, 400], "cpu", "cpu"],
  ["clearly less CPU", [70, 400], "cpu", null],
  ["not yet clearly less memory", [10, 750], "memory", "memory"],
  ["clearly less memory, but too much CPU", [90, 700], "memory", "cpu"],
])("%s", (_, [cpu, memory], before, expected) => {
  expect(overloadOf({ cpu, cpuLimit: 100, memory, memoryLimit: 1_000 }, before)).toBe(expected);
});

test("a worker that may use half a core is overloaded at 41 % of one", () => {
  const usage = { cpu: 41, cpuLimit: 50, memory: 0, memoryLimit: 1 };
  expect(overloadOf(usage, null)).toBe("cpu");
});
