import { silentLog } from "@bee/core";
import { expect, test } from "@jest/globals";
import { PostgresWatch } from "./postgres-watch.ts";

const AWAY = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

/** A watch over a Postgres that refuses so many pings, and what it did. */
function watchOver(refusals: number) {
  const did: string[] = [];
  const watch = new PostgresWatch({
    ping: async () => {
      did.push("ping");
      if (refusals-- > 0) throw AWAY;
    },
    hold: async () => void did.push("hold"),
    goOn: async () => void did.push("go on"),
    log: silentLog,
  });
  return { watch, did };
}

test("tasks are not taken from the first sign that Postgres is away until it answers", async () => {
  const { watch, did } = watchOver(1);
  expect(watch.notice(AWAY)).toBe(true);
  expect(watch.notice(AWAY)).toBe(true);
  await watch.back();
  expect(did).toEqual(["hold", "ping", "ping", "go on"]);
});

test("an error of another kind holds nothing", async () => {
  const { watch, did } = watchOver(0);
  expect(watch.notice(new Error("violates counts_add_up"))).toBe(false);
  await watch.back();
  expect(did).toEqual([]);
});

test("a worker that stops does not wait for a Postgres that stays away", async () => {
  const { watch, did } = watchOver(Number.POSITIVE_INFINITY);
  watch.notice(AWAY);
  watch.stop();
  await watch.back();
  expect(did).not.toContain("go on");
});

test("a task that met a Postgres that was away goes back to its queue when it is back", async () => {
  const { watch, did } = watchOver(1);
  const wake = watch.guard(async () => {
    throw AWAY;
  });
  expect(await wake({}, new AbortController().signal, 0)).toBe("put-back");
  expect(did).toEqual(["hold", "ping", "ping", "go on"]);
});

test("a task that is to be given back at once does not wait for Postgres", async () => {
  const { watch } = watchOver(Number.POSITIVE_INFINITY);
  const wake = watch.guard(async () => {
    throw AWAY;
  });
  const stopping = new AbortController();
  const given = wake({}, stopping.signal, 0);
  stopping.abort();
  expect(await given).toBe("put-back");
  watch.stop();
});

test("a task that fails for another reason fails", async () => {
  const wake = watchOver(0).watch.guard(async () => {
    throw new Error("a bug");
  });
  await expect(wake({}, new AbortController().signal, 0)).rejects.toThrow("a bug");
});
