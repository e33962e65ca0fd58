import { beforeEach, describe, expect, test } from "@jest/globals";
import { EdgeCache, permittedSeconds } from "./edge-cache.ts";

test.each([
  ["public, max-age=3600", 3600],
  ["PUBLIC,Max-Age=60", 60],
  ["max-age=3600", 0],
  ["public", 0],
  ["public, max-age=0", 0],
  ["public, max-age=soon", 0],
  ["private, max-age=3600", 0],
  ["public, no-store, max-age=3600", 0],
  ['public, max-age=3600, no-cache="set-cookie"', 0],
  ["", 0],
])("Cache-Control %j permits %i s", (cacheControl, seconds) => {
  expect(permittedSeconds(cacheControl)).toBe(seconds);
});

describe("EdgeCache", () => {
  const answer = { status: 200, headers: {}, body: Buffer.from("hello") };
  let time: number;
  let cache: EdgeCache;
  beforeEach(() => {
    time = 0;
    cache = new EdgeCache(() => time);
  });

  test("finds nothing, then what was kept and its age in whole seconds, then that it is stale", () => {
    expect(cache.look("/")).toEqual({ found: "nothing" });
    cache.keep("/", answer, 10);
    time = 9_999;
    expect(cache.look("/")).toEqual({ found: "fresh", answer, ageSeconds: 9 });
    time = 10_000;
    expect(cache.look("/")).toEqual({ found: "stale" });
  });

  test("keeping again makes fresh again", () => {
    cache.keep("/", answer, 10);
    time = 15_000;
    cache.keep("/", answer, 10);
    expect(cache.look("/")).toMatchObject({ found: "fresh", ageSeconds: 0 });
  });

  test("tells paths apart by their query, and forgets all when purged", () => {
    cache.keep("/?a=1", answer, 10);
    expect(cache.look("/?a=2").found).toBe("nothing");
    cache.purge();
    expect(cache.look("/?a=1").found).toBe("nothing");
  });
});
