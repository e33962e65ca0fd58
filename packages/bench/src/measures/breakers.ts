import { setTimeout as pause } from "node:timers/promises";
import { silentLog } from "@bee/core";
import {
  BREAKER_SETTINGS,
  Breakers,
  type ControlMessage,
  type DomainMessage,
  listenControl,
  openRedis,
  type Redis,
  type Verdict,
} from "@bee/queue";
import type { Figure, Measure } from "../harness/figure.ts";
import { startStores } from "../harness/stores.ts";

const DOMAINS = 10_000;
/** Of them, some are closed. */
const CLOSED = 500;
/** Counts move on every 12 s: two and a half such steps. */
const IDLE_MS = 30_000;
const WORKERS = 25;
const OPENINGS = 40;
const REQUESTS = 5_000;

const ANSWERED: Verdict = { type: "answered" };
const FAILED: Verdict = { type: "failed", failure: "answered 500" };

/** What a worker process has of breakers. */
interface Member {
  readonly breakers: Breakers;
  readonly redis: Redis;
  stop(): void;
}

/** What the breakers of ten thousand domains cost, and how soon a fleet of 25 knows that one opened. */
export const measure: Measure = {
  about: "10,000 domains at rest, requests to those that are well, and until all of 25 workers hold still",
  async run(say) {
    const stores = await startStores();
    try {
      say(`${DOMAINS.toLocaleString("en")} domains, ${CLOSED} of them closed, for ${IDLE_MS / 1_000} s`);
      const idle = await atRest(stores.redis.url);
      say(`${OPENINGS} circuits open in a fleet of ${WORKERS}`);
      return [...idle, await untilAllKnow(stores.redis.url)];
    } finally {
      await stores.stop();
    }
  },
};

async function atRest(url: string): Promise<Figure[]> {
  const member = await join(url);
  try {
    for (let i = 0; i < DOMAINS; i++) await send(member, `${i}.test`, ANSWERED);
    for (let i = 0; i < CLOSED; i++) await open(member, `${i}.test`);
    // What the requests themselves left behind is not what rest costs.
    await pause(3_000);
    const used = await coreUsed(IDLE_MS);
    await member.redis.config("RESETSTAT");
    for (let i = 0; i < REQUESTS; i++) await send(member, `${DOMAINS - 1 - (i % 1_000)}.test`, ANSWERED);
    const commands = await commandsSince(member.redis);
    return [
      {
        what: `a core's time for ${DOMAINS.toLocaleString("en")} domains at rest`,
        got: used,
        unit: "%",
        must: { atMost: 2 },
      },
      {
        what: "commands to Redis for each request to a domain that is well",
        got: commands / REQUESTS,
        unit: "",
        must: { atMost: 0.01 },
      },
    ];
  } finally {
    member.stop();
  }
}

async function untilAllKnow(url: string): Promise<Figure> {
  const fleet = await Promise.all(Array.from({ length: WORKERS }, () => join(url)));
  try {
    let worst = 0;
    for (let i = 0; i < OPENINGS; i++) {
      const domain = `down-${i}.test`;
      // All have met it, so none would ask Redis before it sends.
      await Promise.all(fleet.map((member) => send(member, domain, ANSWERED)));
      await open(fleet[i % WORKERS]!, domain);
      const openedAt = performance.now();
      await Promise.all(fleet.map((member) => untilRefused(member, domain)));
      worst = Math.max(worst, performance.now() - openedAt);
    }
    return {
      what: `from the failure that opens a circuit until none of ${WORKERS} workers sends, the longest of ${OPENINGS}`,
      got: worst,
      unit: "ms",
      must: { atMost: 200 },
    };
  } finally {
    for (const member of fleet) member.stop();
  }
}

async function join(url: string): Promise<Member> {
  const redis = openRedis({ url, name: "bee bench", log: silentLog });
  const breakers = new Breakers({ redis, deadlineMs: 20_000, log: silentLog });
  breakers.start();
  const hear = (message: ControlMessage) => {
    if (isOfBreakers(message)) breakers.hear(message);
  };
  const stopListening = await listenControl(redis, hear, (now) => breakers.listening(now));
  return {
    breakers,
    redis,
    stop() {
      breakers.stop();
      stopListening();
      redis.disconnect();
    },
  };
}

function isOfBreakers(message: ControlMessage): message is DomainMessage {
  return ["domain-closing", "domain-failed", "domain-answered"].includes(message.type);
}

async function send({ breakers }: Member, domain: string, verdict: Verdict): Promise<void> {
  await breakers.requireOpen(domain);
  await breakers.send(
    domain,
    async () => {},
    () => verdict,
  );
}

/** Its requests fail until one is refused. */
async function open(member: Member, domain: string): Promise<void> {
  for (let i = 0; i < BREAKER_SETTINGS.failures; i++) {
    const made = await send(member, domain, FAILED).then(
      () => true,
      () => false,
    );
    if (!made) return;
  }
}

async function untilRefused({ breakers }: Member, domain: string): Promise<void> {
  const isOpen = () =>
    breakers.requireOpen(domain).then(
      () => true,
      () => false,
    );
  while (await isOpen()) await pause(1);
}

/** Percent of a core that this process uses while it waits. */
async function coreUsed(forMs: number): Promise<number> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await pause(forMs);
  const { user, system } = process.cpuUsage(before);
  return (100 * (user + system)) / 1_000 / (performance.now() - startedAt);
}

/** All but those that a worker sends whether or not it has requests. */
async function commandsSince(redis: Redis): Promise<number> {
  const stats = await redis.info("commandstats");
  const calls = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return calls
    .filter(([, name]) => name === "eval" || name === "publish")
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}
