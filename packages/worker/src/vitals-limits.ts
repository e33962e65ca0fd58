import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** What this process may use. */
export interface VitalsLimits {
  /** Percent of one core: 100, or what the container allows where that is less. JavaScript runs on one core. */
  readonly cpuPercent: number;
  /** The container's limit, or what the machine has. */
  readonly memoryBytes: number;
}

const ONE_CORE = 100;
/** Quota and period of cgroup v2 in one file, of v1 in two. Where a container has its own view, its own cgroup is the root. */
const QUOTAS = [
  ["/sys/fs/cgroup/cpu.max"],
  ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"],
];

export function readLimits(readFile = (path: string) => readFileSync(path, "utf8")): VitalsLimits {
  return {
    cpuPercent: Math.min(ONE_CORE, readQuota(readFile)),
    // Without a limit Node tells the largest number that there is.
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  };
}

/** Percent of one core; infinite where nothing is said. */
function readQuota(readFile: (path: string) => string): number {
  for (const paths of QUOTAS) {
    try {
      const [quota, period] = paths.map(readFile).join(" ").trim().split(/\s+/).map(Number);
      // No quota is `max` in v2 and -1 in v1.
      return quota! > 0 && period! > 0 ? (100 * quota!) / period! : Number.POSITIVE_INFINITY;
    } catch {
      // Not this kind of cgroup.
    }
  }
  return Number.POSITIVE_INFINITY;
}
