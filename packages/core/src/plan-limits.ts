import { PLANS, type Plan } from "./assign-tier.ts";

/** A number for each plan; null for no limit. */
export type PlanLimits = Readonly<Record<Plan, number | null>>;

/** How many pages the jobs of a key may have in a day (UTC). */
export const DEFAULT_PAGES_PER_DAY: PlanLimits = { standard: 500, premium: 100_000, operator: null };

/** How many requests the API answers a key in a minute: a program that runs wild must not slow the others down. */
export const DEFAULT_REQUESTS_PER_MINUTE: PlanLimits = {
  standard: 1_200,
  premium: 12_000,
  operator: 120_000,
};

/** Reads `standard=500,operator=none`; plans that are not named keep their default. Null for what cannot be read. */
export function parsePlanLimits(text: string, defaults: PlanLimits): PlanLimits | null {
  const limits: Partial<Record<Plan, number | null>> = {};
  for (const part of text.split(",")) {
    const [, name, amount] = /^\s*(\w+)\s*=\s*(none|[1-9]\d{0,8})\s*$/.exec(part) ?? [];
    const plan = PLANS.find((candidate) => candidate === name);
    if (plan === undefined) return null;
    limits[plan] = amount === "none" ? null : Number(amount);
  }
  return { ...defaults, ...limits };
}
