import type { Redis } from "ioredis";
import type { ClosingNews } from "./control-channel.ts";
import { closingKey, closingsVersionKey, controlChannel, probeKey } from "./keys.ts";

/** What is remembered of a domain after its closing has ended or was forgotten: longer than a pause between two jobs. */
const KEEP_MS = 3_600_000;

/**
 * KEYS[1] the closing, KEYS[2] the probe's lease, KEYS[3] the version of all closings; ARGV[1] the channel, ARGV[2] the
 * domain, ARGV[3] ms to keep a closing beyond its end. All times are Redis's; what leaves is how long something still
 * lasts. `tell` reads the closing, `write` changes fields of it and tells everybody.
 */
const PRELUDE = `
local clock = redis.call('time')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function read(field) return tonumber(redis.call('hget', KEYS[1], field) or '0') end
local function tell()
  return cjson.encode({
    domain = ARGV[2], version = redis.call('hget', KEYS[1], 'version') or '0',
    openings = read('openings'), openMs = math.max(0, read('open_until') - now),
    failure = redis.call('hget', KEYS[1], 'failure') or '',
    quietMs = math.max(0, read('quiet_until') - now),
    plea = redis.call('hget', KEYS[1], 'plea') or '' })
end
local function write(...)
  local version = string.format('%.0f', clock[1] * 1000000 + clock[2])
  redis.call('hset', KEYS[1], 'version', version, ...)
  redis.call('pexpire', KEYS[1], math.max(0, read('open_until') - now, read('quiet_until') - now) + ARGV[3])
  redis.call('set', KEYS[3], version)
  local news = tell()
  redis.call('publish', ARGV[1], '{"type":"domain-closing",' .. string.sub(news, 2))
  return news
end
-- A lease that ran out was perhaps taken by another since; but where Redis lost everything, there is nobody else.
local function holds(token)
  local holder = redis.call('get', KEYS[2])
  return holder == token or (not holder and redis.call('exists', KEYS[1]) == 0)
end
local function reply(done, news, left) return { done and 1 or 0, news or tell(), left or 0 } end
`;

/** The scripts that change closings, each in one step of Redis; ARGV[4] and on are each one's own. */
const SCRIPTS = {
  read: "return reply(false)",
  /** ARGV: ms to stay open, what failed. Of many who see it fail, the first opens it. */
  open: `
if read('openings') > 0 then return reply(false) end
return reply(true, write('openings', 1, 'open_until', now + ARGV[4], 'failure', ARGV[5]))`,
  /** ARGV: token, ms of the lease, openings and failure as the caller knows them, should Redis have lost them. */
  probe: `
if redis.call('exists', KEYS[1]) == 0 then write('openings', ARGV[6], 'open_until', now, 'failure', ARGV[7]) end
if read('openings') == 0 or read('open_until') > now or read('quiet_until') > now then return reply(false) end
if redis.call('set', KEYS[2], ARGV[4], 'NX', 'PX', ARGV[5]) then return reply(true) end
return reply(false, nil, redis.call('pttl', KEYS[2]))`,
  /** ARGV: token, openings, ms to stay open, what failed. */
  reopen: `
if not holds(ARGV[4]) then return reply(false) end
redis.call('del', KEYS[2])
return reply(true, write('openings', ARGV[5], 'open_until', now + ARGV[6], 'failure', ARGV[7]))`,
  /** ARGV: token. What is left says that it is closed, to those who hear nothing. */
  close: `
if not holds(ARGV[4]) then return reply(false) end
redis.call('del', KEYS[2])
return reply(true, write('openings', 0, 'open_until', 0, 'failure', ''))`,
  /** ARGV: token. The probe told nothing. */
  letGo: `
if redis.call('get', KEYS[2]) == ARGV[4] then redis.call('del', KEYS[2]) end
return reply(true)`,
  /** ARGV: openings, ms to stay open, what failed, ms of quiet, which answer asked for it: to a Redis that lost it. */
  teach: `
if redis.call('exists', KEYS[1]) == 1 then return reply(false) end
return reply(true, write('openings', ARGV[4], 'open_until', now + ARGV[5], 'failure', ARGV[6],
  'quiet_until', now + ARGV[7], 'plea', ARGV[8]))`,
  /** ARGV: ms, which answer asked for it. The longest quiet holds. Done: none was in force before. */
  keepQuiet: `
local before = read('quiet_until')
if before >= now + ARGV[4] then return reply(false) end
return reply(before <= now, write('quiet_until', now + ARGV[4], 'plea', ARGV[5]))`,
} as const;

export interface ClosingReply {
  /** Whether the script did what it is for. */
  readonly done: boolean;
  readonly news: ClosingNews;
  /** Of another's lease. */
  readonly leaseLeftMs: number;
}

/** Runs one of the scripts. */
export async function runClosing(
  redis: Redis,
  script: keyof typeof SCRIPTS,
  domain: string,
  ...own: (string | number)[]
): Promise<ClosingReply> {
  const keys = [closingKey(domain), probeKey(domain), closingsVersionKey()];
  const common = [controlChannel(), domain, KEEP_MS];
  const reply = await redis.eval(PRELUDE + SCRIPTS[script], keys.length, ...keys, ...common, ...own);
  const [done, news, leaseLeftMs] = reply as [number, string, number];
  return { done: done === 1, news: JSON.parse(news), leaseLeftMs };
}

/** The version of the latest change to any closing; null when Redis knows of none. */
export function readClosingsVersion(redis: Redis): Promise<string | null> {
  return redis.get(closingsVersionKey());
}
