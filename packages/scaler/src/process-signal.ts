import { readFileSync } from "node:fs";

/** Whether a process runs. A zombie does not: the orphans of a scaler that was killed may have nobody to collect them. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0) && !isZombie(pid);
}

/** @returns whether there is such a process. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // The process is gone, which is what was wanted or what was asked.
    return false;
  }
}

/** Linux tells; elsewhere the system's own first process collects orphans. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
