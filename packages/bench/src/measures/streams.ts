import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_RULE, jobRequestSchema, silentLog } from "@bee/core";
import { createKey, type Database, ensureDomain, generateSecret, insertJob, openDatabase } from "@bee/store";
import { sql } from "kysely";
import { startBee } from "../harness/bee-process.ts";
import type { Figure, Measure } from "../harness/figure.ts";
import { startStores } from "../harness/stores.ts";

const STREAMS = 200;
const JOBS = 50;
/** Changes of each job, each a transaction of its own, at the pace of settling. */
const CHANGES = 40;
const CHANGE_EVERY_MS = 250;
/** Of the streams, one in so many is cut off in the middle, and comes back a while later. */
const CUT_EVERY = 2;
const AWAY_MS = 2_000;
const PATIENCE_MS = 20_000;

/** What 200 people who watch cost one API process, and whether all of them see everything. */
export const measure: Measure = {
  about: `${STREAMS} open event streams cost less than 100 MB and few reads, and miss nothing though half are cut off`,
  async run(say) {
    const stores = await startStores();
    const urls = { DATABASE_URL: stores.postgres.url, REDIS_URL: stores.redis.url };
    const [key, port] = [generateSecret(), await freePort()];
    const api = await startBee("api", { ...urls, BEE_ADMIN_KEY: key, BEE_PORT: String(port) });
    const db = openDatabase({ url: stores.postgres.url, connections: 4, name: "bench", log: silentLog });
    try {
      const jobs = await addJobs(db);
      const before = megabytesOf(api.pid);
      const watchers = Array.from({ length: STREAMS }, () => new Watcher(port, key));
      await Promise.all(watchers.map((watcher) => watcher.open()));
      say(`${STREAMS} streams are open; ${JOBS} jobs change ${CHANGES} times each`);
      const reads = await transactions(db);
      const begun = performance.now();
      const changing = change(db, jobs);
      await pause((CHANGES * CHANGE_EVERY_MS) / 2);
      const cut = watchers.filter((_, i) => i % CUT_EVERY === 0);
      for (const watcher of cut) watcher.cut();
      await pause(AWAY_MS);
      await Promise.all(cut.map((watcher) => watcher.open()));
      await changing;
      const seconds = (performance.now() - begun) / 1_000;
      const readsASecond = ((await transactions(db)) - reads - JOBS * CHANGES) / seconds;
      const missed = await missedBy(watchers, jobs);
      return [
        {
          what: `memory for ${STREAMS} streams`,
          got: megabytesOf(api.pid) - before,
          unit: "MB",
          must: { atMost: 100 },
        },
        {
          what: "transactions a second beside the changes",
          got: readsASecond,
          unit: "",
          must: { atMost: 30 },
        },
        { what: "jobs whose last change a stream has missed", got: missed, unit: "", must: { atMost: 0 } },
      ] satisfies Figure[];
    } finally {
      api.kill("SIGTERM");
      await api.exited;
      await db.destroy();
      await stores.stop();
    }
  },
};

/** Somebody with an open stream, as a browser reads it. */
class Watcher {
  /** Of each job, how many pages it was last said to have. */
  readonly seen = new Map<string, number>();
  readonly #port: number;
  readonly #key: string;
  #last: string | undefined;
  #response: IncomingMessage | undefined;

  constructor(port: number, key: string) {
    this.#port = port;
    this.#key = key;
  }

  /** Resolves with the first event, or where it comes back with the answer. */
  async open(): Promise<void> {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      ...(this.#last === undefined ? {} : { "last-event-id": this.#last }),
    };
    const agent = new Agent({ maxSockets: 1 });
    const request = get({ port: this.#port, path: "/v1/events", headers, agent });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    this.#response = response.setEncoding("utf8");
    response.on("error", () => {});
    let text = "";
    const { promise: first, resolve } = Promise.withResolvers<void>();
    response.on("data", (chunk: string) => {
      const events = (text + chunk).split("\n\n");
      text = events.pop()!;
      for (const event of events) this.#read(event);
      if (this.#last !== undefined) resolve();
    });
    await first;
  }

  cut(): void {
    this.#response?.destroy();
  }

  #read(event: string): void {
    this.#last = /^id: (.*)$/m.exec(event)?.[1] ?? this.#last;
    if (!event.startsWith("event: job\n")) return;
    const { id, counts } = JSON.parse(/^data: (.*)$/m.exec(event)![1]!);
    this.seen.set(id, counts.skipped);
  }
}

async function addJobs(db: Database): Promise<string[]> {
  const { key } = await createKey(db, "bench", "operator");
  const ids: string[] = [];
  for (let i = 0; i < JOBS; i++) {
    const domainId = await ensureDomain(db, `site-${i}.test`, { ...DEFAULT_RULE, source: "default" });
    const url = `https://site-${i}.test/`;
    const job = { keyId: key.id, url, domainId, tier: "normal", region: "default" } as const;
    const options = jobRequestSchema.parse({ url });
    ids.push((await insertJob(db, { ...job, options, webhookUrl: null, idempotency: null }, null)).id);
  }
  return ids;
}

/** As settling changes a job: its counters, in a transaction of its own. */
async function change(db: Database, jobs: readonly string[]): Promise<void> {
  for (let i = 0; i < CHANGES; i++) {
    for (const id of jobs)
      await sql`update jobs set total = total + 1, skipped = skipped + 1 where id = ${id}`.execute(db);
    await pause(CHANGE_EVERY_MS);
  }
}

async function missedBy(watchers: readonly Watcher[], jobs: readonly string[]): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const missed = watchers.flatMap(({ seen }) => jobs.filter((id) => seen.get(id) !== CHANGES)).length;
    if (missed === 0 || performance.now() > deadline) return missed;
    await pause(100);
  }
}

async function transactions(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select xact_commit::float8 as count from pg_stat_database where datname = current_database()`.execute(db);
  return rows[0]!.count;
}

function megabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Number(kilobytes) / 1_024;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
