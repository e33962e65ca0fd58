import { expect, test } from "@jest/globals";
import { VitalSigns } from "./vitals.ts";
import { CpuMeter } from "./vitals-cpu.ts";
import { readLimits } from "./vitals-limits.ts";

const LIMITS = { cpuPercent: 100, memoryBytes: 1e12 };

test("tells of the visits of the last interval only, and of none nothing", () => {
  let now = 0;
  const vitals = new VitalSigns(30_000, LIMITS, () => now);
  expect(vitals.read()).toMatchObject({ p95Ms: null, meanMs: null, taskMs: null, visits: {} });
  for (let i = 1; i <= 100; i++) vitals.note({ result: "ok", taskMs: 1_000, responseMs: i });
  now = 20_000;
  vitals.note({ result: "disallowed", taskMs: 0, responseMs: null });
  vitals.note({ result: "retried", taskMs: 0, responseMs: 20_000 });
  const visits = { ok: 100, disallowed: 1, retried: 1 };
  // Of 101 the 96th, and a mean of (5,050 + 20,000) / 101.
  expect(vitals.read()).toMatchObject({ p95Ms: 96, meanMs: 248, taskMs: 980, visits });
  now = 30_000;
  expect(vitals.read()).toMatchObject({ p95Ms: 20_000, taskMs: 0, visits: { disallowed: 1, retried: 1 } });
});

test("a worker that visits more than anybody needs to sort tells of the latest", () => {
  const vitals = new VitalSigns(30_000, LIMITS, () => 0);
  for (let i = 0; i < 10_000; i++) vitals.note({ result: "ok", taskMs: 1, responseMs: i < 9_000 ? 1 : 5 });
  const { visits, p95Ms } = vitals.read();
  expect(p95Ms).toBe(5);
  expect(visits.ok).toBeGreaterThanOrEqual(2_000);
});

test("tells the memory of this process, and that it is overloaded where that is too much", () => {
  const { memory } = new VitalSigns(30_000, LIMITS).read();
  expect(memory).toBeGreaterThan(10e6);
  const full = new VitalSigns(30_000, { ...LIMITS, memoryBytes: memory });
  expect(full.read()).toMatchObject({ memoryLimit: memory, overload: "memory" });
});

test("CPU is the mean of the last ten seconds, in percent of one core", () => {
  let [now, usedMs] = [0, 0];
  const meter = new CpuMeter(
    () => now,
    () => usedMs,
  );
  const after = (seconds: number, used: number) => {
    for (let i = 0; i < seconds; i++) {
      now += 1_000;
      usedMs += used * 1_000;
      meter.read();
    }
    return meter.read();
  };
  expect(meter.read()).toBe(0);
  expect(after(2, 0.5)).toBe(50);
  expect(after(10, 1)).toBe(100);
  expect(after(5, 0)).toBe(50);
  expect(after(5, 0)).toBe(0);
});

test.each<[string, Record<string, string>, number]>([
  ["no cgroup", {}, 100],
  ["cgroup v2 without a quota", { "/sys/fs/cgroup/cpu.max": "max 100000\n" }, 100],
  ["cgroup v2, half a core", { "/sys/fs/cgroup/cpu.max": "50000 100000\n" }, 50],
  [
    "cgroup v2, four cores, of which JavaScript uses one",
    { "/sys/fs/cgroup/cpu.max": "400000 100000\n" },
    100,
  ],
  [
    "cgroup v1, a quarter of a core",
    {
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "25000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    },
    25,
  ],
  [
    "cgroup v1 without a quota",
    { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" },
    100,
  ],
])("what a worker may use of a core: %s", (_, files, percent) => {
  const readFile = (path: string) => {
    if (files[path] === undefined) throw new Error(`ENOENT: ${path}`);
    return files[path];
  };
  expect(readLimits(readFile).cpuPercent).toBe(percent);
});

test("there is a limit of memory, whether the machine or a container sets it", () => {
  const { memoryBytes } = readLimits();
  expect(memoryBytes).toBeGreaterThan(100e6);
  expect(memoryBytes).toBeLessThan(1e15);
});
