import { expect, test } from "@jest/globals";
import { StopStack } from "./stop-stack.ts";

test("stops what was started, the last first, one after the other", async () => {
  const log: string[] = [];
  const stack = new StopStack();
  for (const name of ["store", "queue", "worker"]) {
    const part = { name };
    const added = stack.add(name, part, async () => {
      log.push(`${name} stops`);
      await new Promise(setImmediate);
      log.push(`${name} stopped`);
    });
    expect(added).toBe(part);
  }
  await stack.stop();
  expect(log).toEqual(["worker", "queue", "store"].flatMap((name) => [`${name} stops`, `${name} stopped`]));
});

test("one part that fails does not keep the others alive, and is named", async () => {
  const stopped: string[] = [];
  const stack = new StopStack();
  stack.add("store", 1, () => stopped.push("store"));
  stack.add("queue", 2, () => {
    throw new Error("no connection");
  });
  stack.add("worker", 3, () => Promise.reject(new Error("busy")));

  const failure = await stack.stop().catch((error) => error);

  expect(stopped).toEqual(["store"]);
  expect(failure).toBeInstanceOf(AggregateError);
  expect(failure.errors.map((error: Error) => [error.message, (error.cause as Error).message])).toEqual([
    ["worker did not stop", "busy"],
    ["queue did not stop", "no connection"],
  ]);
});

test("stopping twice is stopping once", async () => {
  let stops = 0;
  const stack = new StopStack();
  stack.add("part", null, () => stops++);
  await Promise.all([stack.stop(), stack.stop()]);
  await stack.stop();
  expect(stops).toBe(1);
});

test("an empty stack stops", async () => {
  await new StopStack().stop();
});
