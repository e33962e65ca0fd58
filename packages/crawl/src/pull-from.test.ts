import { expect, test } from "@jest/globals";
import { pullFrom } from "./pull-from.ts";

test("hands items on in order, one at a time, at the consumer's pace", async () => {
  const log: string[] = [];
  const items = pullFrom<number>(async (push) => {
    for (const item of [1, 2, 3]) {
      log.push(`push ${item}`);
      await push(item);
    }
  });
  for await (const item of items) {
    await new Promise(setImmediate);
    log.push(`got ${item}`);
  }
  expect(log).toEqual(["push 1", "got 1", "push 2", "got 2", "push 3", "got 3"]);
});

test("a producer without items ends at once", async () => {
  for await (const _ of pullFrom(async () => {})) throw new Error("expected no item");
});

test("a consumer that leaves tells the producer, and waits for its end", async () => {
  const log: unknown[] = [];
  for await (const item of pullFrom<number>(async (push) => {
    log.push(await push(1), await push(2), await push(3));
    await new Promise(setImmediate);
    log.push("cleaned up");
  })) {
    if (item === 2) break;
  }
  expect(log).toEqual([true, false, false, "cleaned up"]);
});

test("what the producer throws reaches the consumer after the items before it", async () => {
  const seen: number[] = [];
  const reading = async () => {
    for await (const item of pullFrom<number>(async (push) => {
      await push(1);
      throw new Error("gate closed");
    })) {
      seen.push(item);
    }
  };
  await expect(reading()).rejects.toThrow("gate closed");
  expect(seen).toEqual([1]);
});

test("what the consumer throws is what comes out", async () => {
  const reading = async () => {
    for await (const _ of pullFrom<number>(async (push) => void (await push(1))))
      throw new Error("insert failed");
  };
  await expect(reading()).rejects.toThrow("insert failed");
});
