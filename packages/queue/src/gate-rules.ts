import type { RuleInForce } from "@bee/core";
import type { Redis } from "ioredis";
import { gateChannel, gateRuleKey, rulesVersionKey } from "./keys.ts";

/** Longer than any gate is kept, so that a rule is not forgotten before its gate. */
const TTL_MS = 3_600_000;

/**
 * KEYS[1] the rule in force; ARGV[1] a revision; ARGV[2] that rule as JSON; ARGV[3] ms to keep it; ARGV[4] the channel of
 * the domain's limiters. Keeps the newer of both and returns it, and whether it took another's place, which is told to all.
 */
const AGREE = `
local known = redis.call('get', KEYS[1])
if known and cjson.decode(known).revision >= tonumber(ARGV[1]) then
  redis.call('pexpire', KEYS[1], ARGV[3])
  return { known, 0 }
end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
if known then redis.call('publish', ARGV[4], 'message:' .. ARGV[2]) end
return { ARGV[2], known and 1 or 0 }`;

/** The newest rule that any process of the fleet knows for a domain: an old task must not bring an old rule back. */
export async function agreeOnRule(redis: Redis, domain: string, rule: RuleInForce): Promise<RuleInForce> {
  const args = [rule.revision, JSON.stringify(rule), TTL_MS, gateChannel(domain)];
  const reply = await redis.eval(AGREE, 1, gateRuleKey(domain), ...args);
  const [newest, isNew] = reply as [string, number];
  if (isNew === 1) await redis.incr(rulesVersionKey());
  return JSON.parse(newest);
}

/** A process that has not looked for longer may have stood still. */
const TRUST_MS = 1_500;
/** What a gate agreed on this long ago is agreed on again, so that Redis does not forget the rule of one that is used. */
const RENEW_MS = TTL_MS / 4;

/**
 * Whether the rule of any gate has changed since this process agreed on it: one look a second for all gates, where each
 * used to ask for its own, which was one of six commands of a request.
 */
export class RuleNews {
  readonly #redis: Redis;
  #version: string | null | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What was agreed on before this moment may be old. */
  #changedAt = Number.POSITIVE_INFINITY;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async look(): Promise<void> {
    const at = performance.now();
    const version = await this.#redis.get(rulesVersionKey());
    if (version !== this.#version) this.#changedAt = performance.now();
    this.#version = version;
    this.#lookedAt = at;
  }

  /** @param agreedAt when the process began to agree on a gate's rule, in monotonic milliseconds. */
  isCurrent(agreedAt: number): boolean {
    const now = performance.now();
    if (now - this.#lookedAt > TRUST_MS) return false;
    return agreedAt > this.#changedAt && now - agreedAt < RENEW_MS;
  }
}
