import { addPages, beginExpansion, readSuspectStarts } from "@bee/store";
import { redirect, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

let web: Web;
let fleet: TestFleet;
/** Resolved when the page that the redirect leads to is asked for; it never answers. */
const asked = Promise.withResolvers<void>();

beforeAll(async () => {
  const silent = () => {
    asked.resolve();
    return undefined;
  };
  web = await startWeb({
    hosts: {
      "suspect.test": { pages: { "/": () => redirect(web.url("suspect.test", "/to")), "/to": silent } },
    },
  });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

test("a suspect's visit is one start, however many redirects it follows, and no start when its worker stops in order", async () => {
  await fleet.resize(0);
  const job = await fleet.submit({ url: web.url("suspect.test") });
  await beginExpansion(fleet.db, job);
  const page = { url: web.url("suspect.test"), foundOn: null, disallowedBy: null };
  const { release } = await addPages(fleet.db, job, "suspect.test", [page]);
  const [{ task }] = release.visits as [(typeof release.visits)[number]];
  await fleet.queues.addVisits([{ task: { ...task, suspect: true }, delayMs: 0 }]);
  await fleet.resize(1);
  await asked.promise;
  expect(await readSuspectStarts(fleet.db, task.page)).toBe(1);
  await fleet.resize(0);
  expect(await readSuspectStarts(fleet.db, task.page)).toBe(0);
});
