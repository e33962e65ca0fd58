import { setImmediate as tick } from "node:timers/promises";
import { connectionsPerWorker, MAX_WORKERS, workersConnections } from "@bee/core";
import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { ConnectionShare, FIRST_CONNECTIONS } from "./connection-share.ts";

/** What the fleet's workers claim, as the registry keeps it. */
type Claims = Map<ModelWorker, number>;

/** A worker whose connections are numbers: its pool opens them up to the limit and closes those too many when free. */
class ModelWorker {
  limit = FIRST_CONNECTIONS;
  busy = 0;
  open = 0;
  hasJoined = false;
  readonly #share = new ConnectionShare(this);

  join(claims: Claims): void {
    this.beat(claims);
    void this.#share.joined().then(() => {
      this.hasJoined = true;
    });
  }

  beat(claims: Claims): void {
    claims.set(this, this.#share.claim());
    const connections = [...claims.values()].reduce((sum, claim) => sum + claim, 0);
    this.#share.follow({ workers: claims.size, connections, scalers: 1 });
  }

  resize(limit: number): void {
    this.limit = limit;
    this.#closeSurplus();
  }

  use(): void {
    if (!this.hasJoined || this.busy >= this.limit) return;
    this.busy++;
    this.open = Math.max(this.open, this.busy);
  }

  free(): void {
    this.busy = Math.max(0, this.busy - 1);
    this.#closeSurplus();
  }

  #closeSurplus(): void {
    this.open = Math.max(this.busy, Math.min(this.open, this.limit));
  }

  /** What it may have open before it hears anything new. */
  get mayHold(): number {
    return this.hasJoined ? Math.max(this.open, this.limit) : 0;
  }
}

test("while 22 workers use both of theirs, three more wait until enough of them are free", async () => {
  const claims: Claims = new Map();
  const start = () => {
    const worker = new ModelWorker();
    worker.join(claims);
    return worker;
  };
  const beat = async (workers: readonly ModelWorker[]) => {
    for (const worker of workers) worker.beat(claims);
    await tick();
  };
  const first = Array.from({ length: 22 }, start);
  await beat(first);
  await beat(first);
  for (const worker of [...first, ...first]) worker.use();
  expect(first.map(({ open }) => open)).toEqual(Array.from({ length: 22 }, () => 2));
  const newcomers = Array.from({ length: 3 }, start);
  await beat([...first, ...newcomers]);
  await beat([...first, ...newcomers]);
  expect(newcomers.map(({ hasJoined }) => hasJoined)).toEqual([false, false, false]);
  for (const worker of first.slice(0, 3)) worker.free();
  await beat([...first, ...newcomers]);
  expect(newcomers.map(({ hasJoined }) => hasJoined)).toEqual([true, true, true]);
});

const step = fc.record({
  // Joins are the more frequent, so that fleets grow to where connections are scarce; several join at once.
  act: fc.constantFrom("join", "join", "join", "leave", "beat", "beat", "use", "use", "free"),
  who: fc.nat(MAX_WORKERS),
});

test("the workers never hold more than their 44 together, and all have their share when the fleet is quiet", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 300 }), async (steps) => {
      const workers: ModelWorker[] = [];
      const claims: Claims = new Map();
      const beatAll = async (times: number) => {
        for (let i = 0; i < times; i++) {
          for (const worker of workers) worker.beat(claims);
          await tick();
        }
      };
      for (const { act, who } of steps) {
        const worker = workers[who % Math.max(1, workers.length)];
        if (act === "join" && workers.length < MAX_WORKERS) {
          const newcomer = new ModelWorker();
          newcomer.join(claims);
          workers.push(newcomer);
        } else if (act === "leave" && worker?.hasJoined) {
          claims.delete(worker);
          workers.splice(workers.indexOf(worker), 1);
        } else if (act === "beat") worker?.beat(claims);
        else if (act === "use") worker?.use();
        else if (act === "free") worker?.free();
        await tick();
        const held = workers.reduce((sum, { mayHold }) => sum + mayHold, 0);
        expect(held).toBeLessThanOrEqual(workersConnections());
      }
      for (const worker of workers) while (worker.busy > 0) worker.free();
      await beatAll(3);
      const each = connectionsPerWorker(workers.length);
      expect(workers.map(({ hasJoined, limit }) => ({ hasJoined, limit }))).toEqual(
        workers.map(() => ({ hasJoined: true, limit: each })),
      );
    }),
    { numRuns: 200 },
  );
});
