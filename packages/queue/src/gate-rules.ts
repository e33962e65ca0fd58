import type { RuleInForce } from "@bee/core";
import type { Redis } from "ioredis";
import { gateChannel, gateRuleKey } from "./keys.ts";

/** Longer than any gate is kept, so that a rule is not forgotten before its gate. */
const TTL_MS = 3_600_000;

/**
 * KEYS[1] the rule in force; ARGV[1] a revision; ARGV[2] that rule as JSON; ARGV[3] ms to keep it; ARGV[4] the channel of
 * the domain's limiters. Keeps the newer of both and returns it; one that takes another's place is told to all.
 */
const AGREE = `
local known = redis.call('get', KEYS[1])
if known and cjson.decode(known).revision >= tonumber(ARGV[1]) then
  redis.call('pexpire', KEYS[1], ARGV[3])
  return known
end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
if known then redis.call('publish', ARGV[4], 'message:' .. ARGV[2]) end
return ARGV[2]`;

/** The newest rule that any process of the fleet knows for a domain: an old task must not bring an old rule back. */
export async function agreeOnRule(redis: Redis, domain: string, rule: RuleInForce): Promise<RuleInForce> {
  const args = [rule.revision, JSON.stringify(rule), TTL_MS, gateChannel(domain)];
  const newest = await redis.eval(AGREE, 1, gateRuleKey(domain), ...args);
  return JSON.parse(String(newest));
}
