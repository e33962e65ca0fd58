import { html, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

let web: Web;
let fleet: TestFleet;
/** Resolved when robots.txt of the slow site is asked for, and when it is to answer. */
const asked = Promise.withResolvers<void>();
const speaks = Promise.withResolvers<void>();

beforeAll(async () => {
  const robots = () => {
    asked.resolve();
    return speaks.promise.then(() => ({ status: 404 }));
  };
  web = await startWeb({
    hosts: {
      "deadly.test": { pages: { "/": html("home") } },
      "slow.test": { pages: { "/robots.txt": robots, "/": html("home") } },
    },
  });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

const setExpansions = (id: string, expansions: number) =>
  fleet.db.updateTable("jobs").set({ expansions }).where("id", "=", id).execute();
const expansionsOf = async (id: string) =>
  (await fleet.db.selectFrom("jobs").select("expansions").where("id", "=", id).executeTakeFirstOrThrow())
    .expansions;

test("an expansion that died with its worker five times is not begun again", async () => {
  await fleet.resize(0);
  const id = await fleet.submit({ url: web.url("deadly.test") });
  await setExpansions(id, 5);
  await fleet.resize(1);
  const { status, failure } = await fleet.ended(id);
  expect({ status, failure }).toEqual({
    status: "failed",
    failure: "its pages could not be found out: its expansion was begun 5 times and never ended",
  });
  expect(web.logOf("deadly.test").entries).toEqual([]);
});

test("an expansion that goes back because its worker stops is not counted", async () => {
  const id = await fleet.submit({ url: web.url("slow.test") });
  await asked.promise;
  expect(await expansionsOf(id)).toBe(1);
  await fleet.resize(0);
  expect(await expansionsOf(id)).toBe(0);
  speaks.resolve();
  await fleet.resize(1);
  expect((await fleet.ended(id)).status).toBe("completed");
});
