import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A process as a file may name it. The pid alone would not do: after a reboot, or in a container that is started
 * again, the same pid soon belongs to somebody else.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own terms; empty for a process that was gone when it was looked at. */
  readonly startedAt: string;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startedAt: process.platform === "linux" ? startOnLinux(pid) : startElsewhere(pid) };
}

export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return startedAt !== "" && identifyProcess(pid).startedAt === startedAt;
}

/** From /proc, because slim container images have no `ps`. */
function startOnLinux(pid: number): string {
  // Behind the name in brackets, the state is the first field and the start time (in clock ticks) the twentieth.
  const [state, ...fields] = readStat(pid)
    .replace(/^.*\) /s, "")
    .split(" ");
  // A zombie has ended; if it was an orphan's, nobody may ever collect it.
  return state === "Z" ? "" : (fields[18] ?? "");
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ""; // no such process
  }
}

function startElsewhere(pid: number): string {
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return (stdout ?? "").trim();
}
