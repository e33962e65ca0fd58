import { DEFAULT_RULE, silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { agreeOnRule, RuleNews } from "./gate-rules.ts";
import { openRedis, type Redis } from "./redis.ts";

let store: TestRedis;
let redis: Redis;

beforeAll(async () => {
  store = await freshRedis();
  redis = openRedis({ url: store.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await store.stop();
});

/** What is agreed on now, and a way to look later whether that still holds. */
async function agreed(news: RuleNews): Promise<() => Promise<boolean>> {
  await news.look();
  const at = performance.now();
  return async () => {
    await news.look();
    return news.isCurrent(at);
  };
}

test("what was agreed on holds until a rule takes another's place at any gate, or Redis has lost them", async () => {
  const news = new RuleNews(redis);
  let holds = await agreed(news);
  await agreeOnRule(redis, "new.test", { rule: DEFAULT_RULE, revision: 1 });
  expect(await holds()).toBe(true);
  await agreeOnRule(redis, "new.test", { rule: DEFAULT_RULE, revision: 2 });
  expect(await holds()).toBe(false);
  holds = await agreed(news);
  await agreeOnRule(redis, "new.test", { rule: DEFAULT_RULE, revision: 1 });
  expect(await holds()).toBe(true);
  await redis.flushall();
  expect(await holds()).toBe(false);
});

test("whoever has not looked knows nothing", () => {
  expect(new RuleNews(redis).isCurrent(performance.now())).toBe(false);
});
