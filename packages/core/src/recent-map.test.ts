import { expect, test } from "@jest/globals";
import { RecentMap } from "./recent-map.ts";

test("drops what was set longest ago, and tells whose it was", () => {
  const dropped: string[] = [];
  const map = new RecentMap<string, string>(2, (value) => dropped.push(value));
  map.set("a", "first").set("b", "second").set("a", "first again").set("c", "third");
  expect([...map]).toEqual([
    ["a", "first again"],
    ["c", "third"],
  ]);
  expect(dropped).toEqual(["second"]);
});

test("what is deleted makes room and is not told", () => {
  const dropped: string[] = [];
  const map = new RecentMap<string, string>(1, (value) => dropped.push(value));
  map.set("a", "first");
  map.delete("a");
  map.set("b", "second");
  expect([...map.keys()]).toEqual(["b"]);
  expect(dropped).toEqual([]);
});
