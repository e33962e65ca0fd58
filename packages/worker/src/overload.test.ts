import { FleetRegistry } from "@bee/queue";
import { RecordingLog } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const { constrainedMemory } = process;
const log = new RecordingLog();
const shed = log.next("overloaded: takes fewer visits");
let fleet: TestFleet;

beforeAll(async () => {
  // As in a container that is smaller than what this process uses already.
  process.constrainedMemory = () => process.memoryUsage.rss();
  fleet = await startFleet({ log });
  await fleet.resize(1);
});
afterAll(async () => {
  process.constrainedMemory = constrainedMemory;
  await fleet.stop();
});

test("a worker whose memory is nearly full says so, and takes fewer visits", async () => {
  const { fields } = await shed;
  expect(fields).toMatchObject({ lacks: "memory" });
  const registry = new FleetRegistry(fleet.redis);
  const [worker] = await registry.list();
  expect(worker!.overload).toBe("memory");
  // Its next heartbeat tells it.
  for (let { usable } = worker!; usable === worker!.slots; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    usable = (await registry.list())[0]!.usable;
  }
});
