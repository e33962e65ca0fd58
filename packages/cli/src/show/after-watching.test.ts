import { expect, test } from "@jest/globals";
import { wireJob } from "../testing/wire-samples.ts";
import { afterWatching } from "./after-watching.ts";

const running = wireJob();
const paused = wireJob({ status: "paused" });

test("a job that runs goes on", () => {
  expect(afterWatching({ job: running, away: false })).toBe(
    [
      "The job goes on.",
      `  bee job ${running.id} --watch    follow it`,
      `  bee job ${running.id} --cancel   cancel it`,
      "",
    ].join("\n"),
  );
});

test("one that is paused does not, and how it would is told first", () => {
  const [fate, first] = afterWatching({ job: paused, away: false }).split("\n");
  expect(fate).toBe("The job stays paused.");
  expect(first).toBe(`  bee job ${paused.id} --resume   let it go on`);
});

test("without an API, nothing goes on until the fleet is back", () => {
  expect(afterWatching({ job: running, away: true })).toMatch(
    /^The API does not answer; the job goes on when the fleet is back\.\n/,
  );
});
