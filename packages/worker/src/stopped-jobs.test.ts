import { silentLog } from "@bee/core";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { StoppedJobs } from "./stopped-jobs.ts";

let now: number;
/** What Postgres says, and how often it was asked. */
let stored: Set<string>;
let asked: string[][];
let jobs: StoppedJobs;

beforeEach(() => {
  now = 1_000;
  stored = new Set();
  asked = [];
  jobs = new StoppedJobs({
    readStopped: async (ids) => {
      asked.push([...ids]);
      return ids.filter((id) => stored.has(id));
    },
    log: silentLog,
    now: () => now,
  });
});

const work = async () => "worked" as const;

describe("work", () => {
  test("is done for a job that is not stopped", async () => {
    expect(await jobs.unlessStopped("a", work)).toBe("worked");
  });

  test("is not done for a job of whose stop nothing was heard", async () => {
    stored.add("a");
    expect(await jobs.unlessStopped("a", work)).toBe("stopped");
  });

  test("under way is told of a stop, what comes after the job is resumed is not", async () => {
    const untilStopped = (stopped: AbortSignal) =>
      new Promise<"told">((resolve) => stopped.addEventListener("abort", () => resolve("told")));
    const first = jobs.unlessStopped("a", untilStopped);
    await jobs.unlessStopped("a", work);
    jobs.hear("a", true);
    jobs.hear("a", false);
    expect(await jobs.unlessStopped("a", async (stopped) => stopped.aborted)).toBe(false);
    expect(await first).toBe("told");
  });

  test("of many visits at once costs one read", async () => {
    await Promise.all(["a", "a", "a"].map((job) => jobs.unlessStopped(job, work)));
    await jobs.unlessStopped("a", work);
    expect(asked).toEqual([["a"]]);
  });

  test("that begins while a read is under way for others waits for one of its own job", async () => {
    stored.add("b");
    const first = jobs.unlessStopped("a", work);
    while (asked.length === 0) await Promise.resolve();
    const rest = ["b", "c"].map((job) => jobs.unlessStopped(job, work));
    expect(await Promise.all([first, ...rest])).toEqual(["worked", "stopped", "worked"]);
    expect(asked).toEqual([["a"], ["b", "c"]]);
  });

  test("that begins half a second later asks again", async () => {
    await jobs.unlessStopped("a", work);
    stored.add("a");
    now += 500;
    expect(await jobs.unlessStopped("a", work)).toBe("stopped");
  });

  test("goes on by what was heard while Postgres is away", async () => {
    const away = new StoppedJobs({ readStopped: () => Promise.reject(new Error("away")), log: silentLog });
    expect(await away.unlessStopped("a", work)).toBe("worked");
    away.hear("a", true);
    expect(await away.unlessStopped("a", work)).toBe("stopped");
  });
});

describe("a message", () => {
  test("stops a job at once, and lets it go on at once", async () => {
    jobs.hear("a", true);
    expect(jobs.has("a")).toBe(true);
    expect(await jobs.unlessStopped("a", work)).toBe("stopped");
    now += 1;
    jobs.hear("a", false);
    expect(jobs.has("a")).toBe(false);
  });

  test("is not undone by a read that began before it", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: answer, resolve } = Promise.withResolvers<string[]>();
    const readStopped = () => {
      begin();
      return answer;
    };
    const slow = new StoppedJobs({ readStopped, log: silentLog, now: () => now });
    const working = slow.unlessStopped("a", work);
    await begun;
    now += 1;
    slow.hear("a", true);
    resolve([]);
    expect(await working).toBe("stopped");
  });
});

test("a stop of which nothing was heard is found while the work lasts", async () => {
  jobs.start();
  const { promise: stopSeen, resolve } = Promise.withResolvers<void>();
  const seen = await jobs.unlessStopped("a", async () => {
    stored.add("a");
    now += 500;
    const looking = setInterval(() => jobs.has("a") && resolve(), 5);
    await stopSeen;
    clearInterval(looking);
    return jobs.has("a");
  });
  jobs.stop();
  expect(seen).toBe(true);
});
