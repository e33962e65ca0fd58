import { expect, test } from "@jest/globals";
import { assignTier, HEALTH_DOMAIN, type TierRequest } from "./assign-tier.ts";

/** The founding plan's assignment, in its order. */
test.each<[string, Partial<TierRequest>, string]>([
  ["health.internal", { domain: HEALTH_DOMAIN }, "critical"],
  ["health.internal with a premium key", { domain: HEALTH_DOMAIN, plan: "premium" }, "critical"],
  ["a premium key", { plan: "premium" }, "high"],
  ["a premium key with many pages", { plan: "premium", maxPages: 100_000 }, "high"],
  ["500 pages", { maxPages: 500 }, "normal"],
  ["501 pages", { maxPages: 501 }, "low"],
  ["an operator without a wish", { plan: "operator" }, "normal"],
  ["an operator without a wish and many pages", { plan: "operator", maxPages: 501 }, "low"],
  ["an operator's wish", { plan: "operator", maxPages: 100_000, priority: "critical" }, "critical"],
  [
    "an operator's wish for health.internal",
    { plan: "operator", domain: HEALTH_DOMAIN, priority: "low" },
    "low",
  ],
  ["anybody else's wish", { plan: "standard", priority: "critical" }, "normal"],
  ["a name that ends like it", { domain: "nothealth.internal" }, "normal"],
])("%s", (_, request, tier) => {
  expect(assignTier({ domain: "a.example", plan: "standard", maxPages: 10, ...request })).toBe(tier);
});
