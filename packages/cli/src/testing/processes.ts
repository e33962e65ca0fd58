import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";

/** These processes and all that descend from them, as they are now. */
export function familyOf(roots: readonly number[]): ProcessIdentity[] {
  const family = new Set(roots);
  const all = processes();
  // A set that grows while it is walked through reaches children of children.
  for (const parent of family) for (const { pid, ppid } of all) if (ppid === parent) family.add(pid);
  return [...family].map(identifyProcess);
}

/** Those of them that still run after a short while: it takes the system a moment to clear up. */
export async function survivors(
  processes: readonly ProcessIdentity[],
  patienceMs = 5_000,
): Promise<number[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = processes.filter(isRunning).map(({ pid }) => pid);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(25);
  }
}

function processes(): { pid: number; ppid: number }[] {
  if (process.platform !== "linux") return fromPs();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = statOf(name)
        .replace(/^.*\) /s, "")
        .split(" ");
      return fields.length > 1 ? [{ pid: Number(name), ppid: Number(fields[1]) }] : [];
    });
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ""; // gone while we looked
  }
}

function fromPs(): { pid: number; ppid: number }[] {
  const { stdout } = spawnSync("ps", ["-axo", "pid=,ppid="], { encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid, ppid]) => ({ pid: pid!, ppid: ppid! }));
}
