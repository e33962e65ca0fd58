import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { StopRequest, unlessAborted } from "./stop-request.ts";

afterEach(
  () => void process.removeAllListeners("SIGHUP").removeAllListeners("SIGTERM").removeAllListeners("SIGINT"),
);

test("the first wish is the one that counts", async () => {
  const stop = new StopRequest();
  stop.ask("first");
  stop.ask("second");
  expect(await stop.wait()).toBe("first");
  expect(stop.urgent.aborted).toBe(false);
});

test("a failure is a wish with a reason to tell", async () => {
  const stop = new StopRequest();
  const failure = new Error("the store is lost");
  stop.fail(failure);
  expect(await stop.wait()).toBe("the store is lost");
  expect(stop.failure).toBe(failure);
});

test("what fails because we stop already is no reason", () => {
  const stop = new StopRequest();
  stop.ask("SIGTERM");
  stop.fail(new Error("connection closed"));
  expect(stop.failure).toBeUndefined();
});

test("signals within a moment are one wish, a later one is in a hurry", async () => {
  const stop = new StopRequest().listen();
  // To the listeners alone: a real signal would also reach Jest.
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  expect(await stop.wait()).toBe("SIGINT");
  expect(stop.urgent.aborted).toBe(false);
  await delay(310);
  process.emit("SIGINT", "SIGINT");
  expect(stop.urgent.aborted).toBe(true);
});

test("a signal after another wish is not in a hurry: it is the first that its sender sent", () => {
  const stop = new StopRequest().listen();
  stop.ask("the supervisor is gone");
  process.emit("SIGTERM", "SIGTERM");
  expect(stop.urgent.aborted).toBe(false);
});

test("waiting for something ends with the wish to stop", async () => {
  const stop = new StopRequest();
  expect(await unlessAborted(Promise.resolve(7), stop.asked)).toBe(7);
  const waiting = unlessAborted(new Promise(() => {}), stop.asked);
  stop.ask("SIGINT");
  await expect(waiting).rejects.toThrow("SIGINT");
  await expect(unlessAborted(new Promise(() => {}), stop.asked)).rejects.toThrow("SIGINT");
});
