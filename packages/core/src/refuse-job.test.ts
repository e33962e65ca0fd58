import { expect, test } from "@jest/globals";
import { type Pressure, whyRefused } from "./refuse-job.ts";
import { TIERS } from "./tier.ts";

test.each<[string, Pressure, readonly (keyof Pressure | null)[]]>([
  ["at ease", { overloaded: false, redisFull: false }, [null, null, null, null]],
  ["overloaded", { overloaded: true, redisFull: false }, [null, null, "overloaded", "overloaded"]],
  ["Redis is full", { overloaded: false, redisFull: true }, TIERS.map(() => "redisFull")],
  ["both", { overloaded: true, redisFull: true }, TIERS.map(() => "redisFull")],
])("which tiers are refused: %s", (_, pressure, expected) => {
  expect(TIERS.map((tier) => whyRefused(tier, pressure))).toEqual(expected);
});
