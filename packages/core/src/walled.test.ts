import { expect, test } from "@jest/globals";
import type { Outcome } from "./outcome.ts";
import { isWalled } from "./walled.ts";

const blocked = (pages: number) => Array.from({ length: pages }, (): Outcome => "blocked");

test.each<[string, readonly Outcome[], boolean]>([
  ["nothing", [], false],
  ["nine walls", blocked(9), false],
  ["ten walls", blocked(10), true],
  ["ten walls after the site had answered", [...blocked(10), "ok"], false],
  ["thirty walls", blocked(30), true],
  ["walls, and the latest page got through", ["ok", ...blocked(29)], false],
  ["walls with a missing page between them", [...blocked(5), "broken", ...blocked(5)], false],
])("whether a wall stands before the whole site: %s", (_, latest, walled) => {
  expect(isWalled(latest)).toBe(walled);
});
