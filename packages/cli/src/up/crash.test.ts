import type { ChildProcess } from "node:child_process";
import { type DemoSite, startDemoSite } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { WireJob } from "../client/wire.ts";
import { spawnBee } from "../testing/bee.ts";
import { FleetUnderTest, Home } from "../testing/fleet-under-test.ts";
import { survivors } from "../testing/processes.ts";

// The death of a worker that held visits is noticed after half a minute (BullMQ's lock), so the last test needs time.
jest.setTimeout(150_000);

let home: Home;
let fleet: FleetUnderTest;
let site: DemoSite;
let job: WireJob;
let customer: ChildProcess;

beforeAll(async () => {
  // Slow enough for a job to outlive two fleets.
  home = new Home(20);
  site = await startDemoSite({ originDelayMs: 0, slowMs: 0 });
  fleet = new FleetUnderTest(home);
  await fleet.ready;
  customer = spawnBee(["warm", site.url], home.variables, { stdio: "ignore" });
  job = await jobWith(({ counts }) => counts.succeeded > 0);
});

afterAll(async () => {
  // It waits for the API that its fleet had, and the next fleet has another address.
  customer.kill("SIGKILL");
  fleet.kill("SIGTERM");
  await fleet.exited;
  await site.stop();
  home.remove();
});

/** The newest job, once it is as asked for; commands are slow enough to ask again at once. */
async function jobWith(isAsAskedFor: (job: WireJob) => boolean): Promise<WireJob> {
  for (;;) {
    const { stdout } = await home.bee("jobs", "--limit", "1", "--json");
    const [newest]: WireJob[] = JSON.parse(stdout).jobs;
    if (newest !== undefined && isAsAskedFor(newest)) return newest;
  }
}

test("a supervisor that is killed takes its processes with it, in order", async () => {
  const processes = [...fleet.pidsOf("api"), ...fleet.pidsOf("scaler"), ...fleet.pidsOf("worker")];
  expect(processes).toHaveLength(5);
  const family = fleet.family().filter(({ pid }) => processes.includes(pid));
  fleet.kill("SIGKILL");
  expect(await survivors(family, 20_000)).toEqual([]);
  const reasons = fleet.lines.filter(({ message }) => message === "stopping");
  expect(reasons).toHaveLength(5);
  for (const line of reasons) expect(line).toMatchObject({ reason: "the supervisor is gone" });
});

test("the next fleet takes over what was left, stores that still run included, and goes on", async () => {
  const stores = fleet.family();
  expect(stores.length).toBeGreaterThanOrEqual(2);
  fleet = new FleetUnderTest(home);
  await fleet.ready;
  expect(await survivors(stores)).toEqual([]);
  const { counts } = await jobWith(({ id }) => id === job.id);
  expect(counts.total).toBe(site.expected.pages);
  await jobWith((now) => now.counts.succeeded > counts.succeeded);
});

test("after a kill -9 of everything, stores included, the next fleet finishes the job", async () => {
  const family = fleet.family();
  for (const { pid } of family) process.kill(pid, "SIGKILL");
  expect(await survivors(family)).toEqual([]);
  fleet = new FleetUnderTest(home);
  await fleet.ready;
  const { stdout, code } = await home.bee("job", job.id, "--watch", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    status: "completed",
    outcomes: site.expected.outcomes,
    cache: { warmed: expect.any(Number), uncacheable: site.expected.firstRun.uncacheable, unproven: 0 },
  });
});

test("who is impatient need not wait for a worker that hangs", async () => {
  const family = fleet.family();
  const stopping = fleet.next(
    ({ message, process: { name } }) => message === "stopping" && name === "scaler",
  );
  process.kill(fleet.pidsOf("worker")[0]!, "SIGSTOP");
  fleet.kill("SIGINT");
  await stopping;
  const hurried = fleet.next(({ message }) => message === "killing the scaler, which has not stopped yet");
  const impatience = setInterval(() => fleet.kill("SIGINT"), 100);
  await hurried.finally(() => clearInterval(impatience));
  expect(await fleet.exited).toBe(0);
  expect(await survivors(family)).toEqual([]);
});
