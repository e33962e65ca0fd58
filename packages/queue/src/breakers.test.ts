import { silentLog } from "@bee/core";
import { freshRedis, RecordingLog, type TestRedis } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readBreaker } from "./breaker-view.ts";
import { BREAKER_SETTINGS, type Verdict } from "./breakers.ts";
import { DomainClosedError } from "./domain-closed-error.ts";
import { closingKey, probeKey } from "./keys.ts";
import { openRedis, type Redis } from "./redis.ts";
import { type BreakerProcess, startBreakers } from "./testing/breaker-process.ts";

const ANSWERED: Verdict = { type: "answered" };
const FAILED: Verdict = { type: "failed", failure: "answered 500" };
const NO_NEWS: Verdict = { type: "no-news" };
const throttled = (forMs: number): Verdict => ({
  type: "throttled",
  forMs,
  plea: `answered 429, ${forMs} ms`,
});
/** Over before anybody looks. */
const SHORT = { ...BREAKER_SETTINGS, firstMs: 1 };

let server: TestRedis;
let redis: Redis;
let log: RecordingLog;
const started: BreakerProcess[] = [];

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
});
beforeEach(async () => {
  await redis.flushall();
  log = new RecordingLog();
});
afterEach(() => {
  for (const process of started.splice(0)) process.stop();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function start(settings = BREAKER_SETTINGS, lookEveryMs?: number): Promise<BreakerProcess> {
  const process = await startBreakers({
    url: server.url,
    settings,
    log,
    ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
  });
  started.push(process);
  return process;
}

const startThree = (settings = BREAKER_SETTINGS) => Promise.all([1, 2, 3].map(() => start(settings)));

async function fail(process: BreakerProcess, domain: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await process.send(domain, FAILED);
}

/** The domain's circuit is open, and all have heard of it. */
async function open(processes: readonly BreakerProcess[], domain: string): Promise<void> {
  const heard = processes.map((process) => process.heard("domain-closing"));
  await fail(processes[0]!, domain, BREAKER_SETTINGS.failures);
  await Promise.all(heard);
}

/** The circuit's time is over, by the clock of each. */
async function halfOpen(domain: string): Promise<void> {
  for (const { breakers } of started) {
    while (
      !(await breakers.requireOpen(domain).then(
        () => true,
        () => false,
      ))
    )
      await new Promise(setImmediate);
  }
  expect((await readBreaker(redis, domain)).state).toBe("half-open");
}

describe("the circuit opens for all", () => {
  test("after five failures in a row, whoever met them, with the reason and the time, and nothing is sent", async () => {
    const processes = await startThree();
    const [first, second, third] = processes as [BreakerProcess, BreakerProcess, BreakerProcess];
    // Each failure is heard by the others before the next one.
    for (const process of [first, second, third, first]) {
      const heard = processes.map((other) => other.heard("domain-failed"));
      expect(await process.send("down.test", FAILED)).toBe(true);
      await Promise.all(heard);
    }
    const heard = processes.map((process) => process.heard("domain-closing"));
    expect(await second.send("down.test", FAILED)).toBe(true);
    await Promise.all(heard);
    for (const process of processes) {
      const error = await process.send("down.test", ANSWERED);
      expect(error).toBeInstanceOf(DomainClosedError);
      expect(error).toMatchObject({ reason: "circuit-open", because: "answered 500", openings: 1 });
      expect((error as DomainClosedError).forMs).toBeGreaterThan(25_000);
      await expect(process.breakers.requireOpen("down.test")).rejects.toThrow(
        "the circuit of down.test is open",
      );
      expect(await process.send("up.test", ANSWERED)).toBe(true);
    }
  });

  test("when more than half of a process's requests fail, though never five in a row", async () => {
    const one = await start();
    const pattern = [FAILED, FAILED, ANSWERED, FAILED, FAILED];
    for (const verdict of pattern) expect(await one.send("shaky.test", verdict)).toBe(true);
    expect(await one.send("shaky.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
  });

  test("and not for a few failures among many answers", async () => {
    const [one, other] = (await startThree()) as [BreakerProcess, BreakerProcess];
    for (let i = 0; i < 20; i++) {
      expect(await one.send("good.test", ANSWERED)).toBe(true);
      expect(await other.send("good.test", i % 4 === 0 ? FAILED : ANSWERED)).toBe(true);
    }
    expect(await one.send("good.test", ANSWERED)).toBe(true);
  });

  test("and not for what says nothing of the domain", async () => {
    const one = await start();
    for (let i = 0; i < 20; i++) expect(await one.send("busy.test", NO_NEWS)).toBe(true);
    // Nor does it hide failures: five of 25 are enough.
    await fail(one, "busy.test", 5);
    expect(await one.send("busy.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
  });

  test("and not for pages that fail again, though a try that fails so fails", async () => {
    const one = await start(SHORT);
    const again: Verdict = { ...FAILED, again: true };
    for (let i = 0; i < 20; i++) expect(await one.send("again.test", again)).toBe(true);
    await fail(one, "again.test", 4);
    expect((await readBreaker(redis, "again.test")).openings).toBe(0);
    await fail(one, "again.test", 1);
    await halfOpen("again.test");
    expect(await one.send("again.test", again)).toBe(true);
    // Whoever tries does not wait until Redis has been told.
    while ((await readBreaker(redis, "again.test")).openings < 2) await new Promise(setImmediate);
  });

  test("and stays as it is when requests fail that were under way", async () => {
    const processes = await startThree();
    const late = Promise.withResolvers<void>();
    const stragglers = processes.map((process) => process.send("down.test", FAILED, () => late.promise));
    await open(processes, "down.test");
    const before = await readBreaker(redis, "down.test");
    late.resolve();
    await Promise.all(stragglers);
    expect(await readBreaker(redis, "down.test")).toMatchObject({ state: "open", openings: before.openings });
    expect(before.openings).toBe(1);
  });

  test("and its opening is told once, not for each worker or request", async () => {
    const processes = await startThree();
    await open(processes, "down.test");
    for (const process of processes) await fail(process, "down.test", 3);
    expect(log.lines.filter(({ level }) => level === "warn")).toMatchObject([
      {
        message: "a domain fails and is left alone",
        fields: { domain: "down.test", failure: "answered 500" },
      },
    ]);
  });
});

describe("when its time is over", () => {
  test("one request in the whole fleet is tried, and when it is answered all go on", async () => {
    // One opening is enough to give up, but not while somebody tries.
    const processes = await startThree({ ...SHORT, openings: 1 });
    await open(processes, "back.test");
    await halfOpen("back.test");
    const answer = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const probe = processes[1]!.send("back.test", ANSWERED, () => {
      begun.resolve();
      return answer.promise;
    });
    await begun.promise;
    for (const process of processes) {
      for (let i = 0; i < 3; i++) {
        expect(await process.send("back.test", ANSWERED)).toMatchObject({ hopeless: false });
      }
    }
    const heard = processes.map((process) => process.heard("domain-closing"));
    answer.resolve();
    expect(await probe).toBe(true);
    await Promise.all(heard);
    for (const process of processes) expect(await process.send("back.test", ANSWERED)).toBe(true);
    // What failed before is forgotten: one more failure is one.
    await fail(processes[0]!, "back.test", 1);
    expect(await processes[0]!.send("back.test", ANSWERED)).toBe(true);
    expect(log.of("a domain answers again")).toHaveLength(1);
  });

  test("of many who want to try at the same moment one may", async () => {
    const processes = await startThree(SHORT);
    await open(processes, "back.test");
    await halfOpen("back.test");
    const answer = Promise.withResolvers<void>();
    const all = processes.flatMap((process) =>
      [1, 2, 3, 4].map(() => process.send("back.test", ANSWERED, () => answer.promise)),
    );
    let refused = 0;
    await new Promise<void>((resolve) => {
      for (const sent of all) {
        void sent.then((made) => {
          if (made !== true) refused += 1;
          if (refused === all.length - 1) resolve();
        });
      }
    });
    answer.resolve();
    expect((await Promise.all(all)).filter((made) => made === true)).toHaveLength(1);
  });

  test("a failed try doubles the time, and after some in a row there is no hope", async () => {
    const processes = await startThree({ ...SHORT, firstMs: 4, openings: 3 });
    await open(processes, "down.test");
    const waits: number[] = [];
    for (const process of processes) {
      await halfOpen("down.test");
      await process.send("down.test", FAILED);
      waits.push(log.of("a domain fails and is left alone").at(-1)!.fields["forMs"] as number);
      const error = (await process.send("down.test", ANSWERED)) as DomainClosedError;
      expect(error.hopeless).toBe(error.openings >= 3);
    }
    expect(waits).toEqual([8, 16, 32]);
    expect(await readBreaker(redis, "down.test")).toMatchObject({ openings: 4, reason: "answered 500" });
  });

  test("a try that tells nothing is followed by another", async () => {
    const processes = await startThree(SHORT);
    await open(processes, "back.test");
    await halfOpen("back.test");
    expect(await processes[0]!.send("back.test", NO_NEWS)).toBe(true);
    expect((await readBreaker(redis, "back.test")).openings).toBe(1);
    expect(await processes[1]!.send("back.test", ANSWERED)).toBe(true);
    expect((await readBreaker(redis, "back.test")).state).toBe("closed");
  });

  test.each([
    ["fails", FAILED],
    ["is answered", ANSWERED],
  ])("a try of a process that was taken for dead counts no more when it %s", async (_, verdict) => {
    const processes = await startThree(SHORT);
    const [zombie, heir] = processes as [BreakerProcess, BreakerProcess];
    await open(processes, "back.test");
    await halfOpen("back.test");
    let ofHeir: Promise<unknown> | undefined;
    const answer = Promise.withResolvers<void>();
    await zombie.send("back.test", verdict, async () => {
      // The lease has run out.
      await redis.del(probeKey("back.test"));
      const begun = Promise.withResolvers<void>();
      ofHeir = heir.send("back.test", ANSWERED, () => {
        begun.resolve();
        return answer.promise;
      });
      await begun.promise;
    });
    expect(await readBreaker(redis, "back.test")).toMatchObject({ state: "half-open", openings: 1 });
    answer.resolve();
    await ofHeir;
    expect((await readBreaker(redis, "back.test")).state).toBe("closed");
    expect(await zombie.send("back.test", ANSWERED)).toBe(true);
  });
});

describe("a domain that asks for quiet", () => {
  test("gets it from all at once, as long as the longest answer says", async () => {
    const processes = await startThree();
    const told = log.next("a domain asks for quiet");
    const heard = processes.map((process) => process.heard("domain-closing"));
    expect(await processes[0]!.send("quiet.test", throttled(60_000))).toBe(true);
    await Promise.all(heard);
    for (const process of processes) {
      const error = await process.send("quiet.test", ANSWERED);
      expect(error).toMatchObject({
        reason: "retry-after",
        because: "answered 429, 60000 ms",
        hopeless: false,
      });
      expect((error as DomainClosedError).forMs).toBeGreaterThan(55_000);
    }
    expect((await readBreaker(redis, "quiet.test")).state).toBe("closed");
    await told;
    expect(log.of("a domain asks for quiet")).toHaveLength(1);
  });

  test("is told once, though many requests were under way", async () => {
    const one = await start();
    const told = log.next("a domain asks for quiet");
    const late = Promise.withResolvers<void>();
    const both = [90_000, 30_000].map((ms) => one.send("quiet.test", throttled(ms), () => late.promise));
    const heard = one.heard("domain-closing");
    late.resolve();
    await Promise.all([...both, heard]);
    const error = (await one.send("quiet.test", ANSWERED)) as DomainClosedError;
    expect(error.forMs).toBeGreaterThan(85_000);
    await told;
    expect(log.of("a domain asks for quiet")).toHaveLength(1);
  });

  test("is told with the quiet that it gets, where that is longer than its answer said", async () => {
    const [one] = (await startThree()) as [BreakerProcess];
    const told = log.next("a domain asks for quiet");
    const heard = one.heard("domain-closing");
    await one.send("quiet.test", throttled(5_000));
    await heard;
    one.breakers.leaveAlone("quiet.test", 40_000, "answered 429, 5000 ms");
    const { fields } = await told;
    expect(fields).toMatchObject({ domain: "quiet.test", plea: "answered 429, 5000 ms" });
    expect(fields["forMs"]).toBeGreaterThanOrEqual(39_000);
    expect(log.of("a domain asks for quiet")).toHaveLength(1);
  });

  test("is told also by a worker that stops before it knows how much quiet it gets", async () => {
    const one = await start();
    const heard = one.heard("domain-closing");
    await one.send("quiet.test", throttled(60_000));
    await heard;
    // Replies come in order.
    await one.redis.ping();
    one.breakers.stop();
    expect(log.of("a domain asks for quiet")).toHaveLength(1);
  });

  test("gets more of it than its answer said, where it has asked before", async () => {
    const processes = await startThree();
    const heard = processes.map((process) => process.heard("domain-closing"));
    processes[0]!.breakers.leaveAlone("quiet.test", 60_000, "answered 429");
    await Promise.all(heard);
    for (const process of processes) {
      expect(await process.send("quiet.test", ANSWERED)).toMatchObject({ reason: "retry-after" });
    }
  });

  test("is up: that closes its circuit, and the quiet holds", async () => {
    const one = await start(SHORT);
    await open([one], "quiet.test");
    await halfOpen("quiet.test");
    expect(await one.send("quiet.test", throttled(60_000))).toBe(true);
    expect(await readBreaker(redis, "quiet.test")).toMatchObject({ state: "closed", openings: 0 });
    expect(await one.send("quiet.test", ANSWERED)).toMatchObject({ reason: "retry-after" });
  });
});

describe("nobody sends by what it does not know yet", () => {
  test("a process that starts later", async () => {
    await open([await start()], "down.test");
    expect(await (await start()).send("down.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
  });

  test("a process that was not listening", async () => {
    const [one, other] = (await startThree()) as [BreakerProcess, BreakerProcess];
    expect(await other.send("down.test", ANSWERED)).toBe(true);
    await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    other.deafen();
    await fail(one, "down.test", 5);
    while (!((await one.send("down.test", NO_NEWS)) instanceof DomainClosedError));
    expect(await other.send("down.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
  });

  test("a process whose message was lost finds out by itself", async () => {
    const one = await start();
    const other = await start(BREAKER_SETTINGS, 100);
    expect(await other.send("down.test", ANSWERED)).toBe(true);
    other.deafen();
    await open([one], "down.test");
    while ((await other.send("down.test", NO_NEWS)) === true) await new Promise(setImmediate);
  });

  test("a request that waited for its place while the domain was closed", async () => {
    const one = await start();
    await one.breakers.requireOpen("down.test");
    await fail(one, "down.test", 5);
    expect(await one.send("down.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
  });
});

describe("when Redis loses everything", () => {
  test("what workers know stays in force", async () => {
    const processes = await startThree();
    await open(processes, "down.test");
    await redis.flushall();
    for (const process of processes) {
      expect(await process.send("down.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
    }
    // Nor when they have to ask, because they were not listening.
    for (const process of processes) process.breakers.listening(false);
    for (const process of processes) {
      expect(await process.send("down.test", ANSWERED)).toBeInstanceOf(DomainClosedError);
    }
  });

  test("a worker that knows tells Redis, and so those that start later", async () => {
    const one = await start(BREAKER_SETTINGS, 5);
    await open([one], "down.test");
    expect(await one.send("quiet.test", throttled(60_000))).toBe(true);
    while ((await redis.exists(closingKey("quiet.test"))) === 0) await new Promise(setImmediate);
    await redis.flushall();
    while ((await redis.exists(closingKey("down.test"), closingKey("quiet.test"))) < 2) {
      await new Promise(setImmediate);
    }
    const later = await start();
    expect(await later.send("down.test", ANSWERED)).toMatchObject({ because: "answered 500", openings: 1 });
    expect(await later.send("quiet.test", ANSWERED)).toMatchObject({ reason: "retry-after" });
  });

  test("the next try is still one, and doubles what was known", async () => {
    // After the try it is open for 100 ms, in which the others ask.
    const processes = await startThree({ ...SHORT, firstMs: 25 });
    await open(processes, "down.test");
    await halfOpen("down.test");
    const heard = processes.map((process) => process.heard("domain-closing"));
    await processes[0]!.send("down.test", FAILED);
    await Promise.all(heard);
    await halfOpen("down.test");
    await redis.flushall();
    // Told by their own clocks, for Redis has forgotten it. On a busy machine nobody may get its answer in time to try.
    let made = 0;
    while (made === 0) {
      const sent = await Promise.all(processes.map((process) => process.send("down.test", FAILED)));
      made = sent.filter((one) => one === true).length;
    }
    expect(made).toBe(1);
    expect((await readBreaker(redis, "down.test")).openings).toBe(3);
  });
});

test("requests to a domain that is well cost no round trip, but for the first", async () => {
  const one = await start();
  await redis.config("RESETSTAT");
  for (let i = 0; i < 200; i++) {
    await one.breakers.requireOpen("well.test");
    await one.send("well.test", ANSWERED);
  }
  const stats = await redis.info("commandstats");
  const calls = (command: string) =>
    Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  expect(calls("eval")).toBe(1);
  expect(calls("publish")).toBe(0);
});

test("what an operator reads of a breaker", async () => {
  const one = await start();
  expect(await readBreaker(redis, "down.test")).toEqual({
    state: "closed",
    reason: null,
    openings: 0,
    until: null,
  });
  await open([one], "down.test");
  expect(await readBreaker(redis, "down.test")).toEqual({
    state: "open",
    reason: "answered 500",
    openings: 1,
    until: expect.any(Date),
  });
});
