import type { Overload } from "@bee/core";
import { RecordingLog } from "@bee/testkit";
import { expect, test } from "@jest/globals";
import { Shedder } from "./vitals-shedder.ts";

test("sheds a fifth a step while it is overloaded, takes it back a twentieth a step, and says both once", () => {
  const log = new RecordingLog();
  const told: number[] = [];
  let overload: Overload | null = null;
  let allowed = 200;
  const allow = (slots: number) => {
    allowed = slots;
    told.push(slots);
  };
  const shedder = new Shedder({ slots: 200, busy: () => allowed, overload: () => overload, allow, log });
  shedder.step();
  overload = "cpu";
  for (let i = 0; i < 3; i++) shedder.step();
  overload = null;
  for (let i = 0; i < 20; i++) shedder.step();
  expect(told).toEqual([160, 128, 102, 112, 122, 132, 142, 152, 162, 172, 182, 192, 200]);
  expect(log.of("overloaded: takes fewer visits")).toMatchObject([{ fields: { lacks: "cpu", slots: 160 } }]);
  expect(log.of("not overloaded any more: takes all visits")).toHaveLength(1);
});
