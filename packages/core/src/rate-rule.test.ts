import { expect, test } from "@jest/globals";
import { paceOf, ruleFor, slowedByCrawlDelay } from "./rate-rule.ts";

const rule = (requestsPerSecond: number, burst = 5, concurrency = 2) => ({
  requestsPerSecond,
  burst,
  concurrency,
});

/** The founding plan's table: requests/s, burst, concurrent. */
test.each([
  ["webflow.io", 2, 5, 2],
  ["shopify.com", 3, 8, 3],
  ["wordpress.com", 5, 10, 5],
])("the platform %s has its rule, and so have its subdomains", (platform, r, b, c) => {
  const expected = { ...rule(r, b, c), source: "platform" };
  for (const domain of [platform, `shop.${platform}`, `a.b.${platform}`])
    expect(ruleFor(domain, {})).toEqual(expected);
});

test.each(["a.example", "notwebflow.io", "webflow.io.example", "io", ""])("%p has the default", (domain) => {
  expect(ruleFor(domain, {})).toEqual({ ...rule(3, 5, 3), source: "default" });
});

test("the operator's book goes before platforms, its nearest entry before farther ones", () => {
  const book = { "webflow.io": rule(1), "shop.webflow.io": rule(7), default: rule(9) };
  expect(ruleFor("shop.webflow.io", book)).toEqual({ ...rule(7), source: "owner" });
  expect(ruleFor("www.shop.webflow.io", book).requestsPerSecond).toBe(7);
  expect(ruleFor("other.webflow.io", book).requestsPerSecond).toBe(1);
  expect(ruleFor("a.shopify.com", book).source).toBe("platform");
  expect(ruleFor("a.example", book)).toEqual({ ...rule(9), source: "default" });
});

test("`default` in the book is no domain", () => {
  expect(ruleFor("default", { default: rule(9) }).source).toBe("default");
});

test.each(["constructor", "__proto__", "toString"])(
  "the name %s finds no rule in the book's own workings",
  (domain) => {
    expect(ruleFor(domain, {})).toEqual({ ...rule(3, 5, 3), source: "default" });
  },
);

test("a Crawl-delay slows down and never speeds up", () => {
  expect(slowedByCrawlDelay(rule(3), 2)).toEqual(rule(0.5, 1, 1));
  expect(slowedByCrawlDelay(rule(0.1, 1, 1), 2)).toEqual(rule(0.1, 1, 1));
  for (const nothing of [null, 0, -1]) expect(slowedByCrawlDelay(rule(3), nothing)).toEqual(rule(3));
});

test("a Crawl-delay that is shorter than the rule's own gaps leaves no burst and one request at a time", () => {
  expect(slowedByCrawlDelay(rule(3, 5, 3), 0.1)).toEqual(rule(3, 1, 1));
  expect(paceOf(rule(3, 5, 3), { premium: false, crawlDelay: 0.1 }).reasons).toEqual(["crawl-delay"]);
});

test("what a site's answers give away counts where neither its name nor the operator's book has a rule", () => {
  const book = { "mine.example": rule(7), default: rule(9) };
  expect(ruleFor("a.example", book, "wordpress.com")).toEqual({ ...rule(5, 10, 5), source: "platform" });
  expect(ruleFor("mine.example", book, "wordpress.com").source).toBe("owner");
  expect(ruleFor("a.webflow.io", book, "wordpress.com")).toEqual({ ...rule(2, 5, 2), source: "platform" });
});

test("a premium job doubles the rate and nothing else", () => {
  const pace = paceOf(rule(3, 5, 3), { premium: true, crawlDelay: null });
  expect(pace).toEqual({ ...rule(6, 5, 3), reasons: ["premium"] });
});

test.each([
  [1, 1],
  [0.2, 5],
])("a premium job goes no faster than a Crawl-delay: %p a second", (requestsPerSecond, crawlDelay) => {
  const pace = paceOf(rule(3), { premium: true, crawlDelay });
  expect(pace).toEqual({ ...rule(requestsPerSecond, 1, 1), reasons: ["crawl-delay"] });
});

test("without either the rule is the domain's own", () => {
  expect(paceOf(rule(3), { premium: false, crawlDelay: null })).toEqual({ ...rule(3), reasons: [] });
});
