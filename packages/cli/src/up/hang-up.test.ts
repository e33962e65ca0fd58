import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { FleetUnderTest, Home } from "../testing/fleet-under-test.ts";
import { survivors } from "../testing/processes.ts";

jest.setTimeout(60_000);

let home: Home;
beforeEach(() => {
  home = new Home(1);
});
afterEach(() => home.remove());

test("a fleet whose terminal is closed stops in order, although nobody reads what it says", async () => {
  const fleet = new FleetUnderTest(home);
  await fleet.ready;
  const family = fleet.family();
  fleet.hangUp();
  expect(await fleet.exited).toBe(0);
  expect(await survivors(family)).toEqual([]);
});

test("Ctrl-C during the start stops what has been started so far", async () => {
  const fleet = new FleetUnderTest(home);
  await fleet.next(({ message }) => message === "Postgres is ready");
  const family = fleet.family();
  fleet.kill("SIGINT");
  expect(await fleet.exited).toBe(0);
  expect(await survivors(family)).toEqual([]);
  await expect(fleet.ready).rejects.toThrow("the fleet ended with 0");
});
