import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { inChunks } from "./chunks.ts";

async function chunksOf(pieces: Iterable<string>): Promise<string[]> {
  async function* each() {
    yield* pieces;
  }
  return Readable.from(inChunks(each())).toArray();
}

test("a long text comes in few pieces, complete", async () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => `https://a.test/${i},${"x".repeat(50)}\n`);
  const chunks = await chunksOf(lines);
  expect(chunks.length).toBeLessThan(20);
  expect(chunks.join("")).toBe(lines.join(""));
});

test("nothing is nothing", async () => {
  expect(await chunksOf([])).toEqual([]);
});
