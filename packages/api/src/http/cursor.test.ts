import { expect, test } from "@jest/globals";
import { cursorOf, cutPage, encodeCursor, limitParameter } from "./cursor.ts";

const cursor = cursorOf(/^\d{1,18}$/);

test("a cursor comes back as the id it was made of", () => {
  expect(cursor.parse(encodeCursor("42"))).toBe("42");
  expect(cursor.parse(undefined)).toBeUndefined();
});

test.each([
  ["empty", ""],
  ["no base64url", "!!!"],
  ["padded", "NDI="],
  ["an id of another list", encodeCursor("01a20784-ed53-7797-b985-d13e61661cbe")],
  ["SQL", encodeCursor("1; drop table jobs")],
  ["more digits than a bigint has", encodeCursor("9".repeat(19))],
  ["the plain id", "42"],
])("a cursor that is %s is refused", (_name, text) => {
  expect(cursor.safeParse(text).error?.issues[0]?.message).toBe(
    `expected a nextCursor of this list, got ${JSON.stringify(text)}`,
  );
});

test("a page ends with a cursor only where more follows", () => {
  const entries = [{ id: "1" }, { id: "2" }, { id: "3" }];
  expect(cutPage(entries, 2)).toEqual({ page: entries.slice(0, 2), nextCursor: encodeCursor("2") });
  expect(cutPage(entries, 3)).toEqual({ page: entries, nextCursor: null });
  expect(cutPage([], 3)).toEqual({ page: [], nextCursor: null });
});

test.each(["0", "201", "-1", "1.5", "ten", "", " 1", "1e2", "0x10"])("the limit %j is refused", (text) => {
  expect(limitParameter.safeParse(text).success).toBe(false);
});

test("a limit is 50 unless said otherwise, and 200 at most", () => {
  expect(limitParameter.parse(undefined)).toBe(50);
  expect(limitParameter.parse("200")).toBe(200);
});
