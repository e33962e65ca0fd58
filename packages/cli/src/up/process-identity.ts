import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as a file may name it: the same pid soon belongs to somebody else, the same pid and start time never. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own terms; empty for a process that was gone when it was looked at. */
  readonly startedAt: string;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: process.platform === "linux" ? startOnLinux(pid) : startElsewhere(pid) };
}

export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return startedAt !== "" && identify(pid).startedAt === startedAt;
}

/** From /proc, because slim images have no `ps`. A zombie has ended, though its pid is still taken. */
function startOnLinux(pid: number): string {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return state === "Z" ? "" : (fields[18] ?? "");
  } catch {
    return ""; // no such process
  }
}

function startElsewhere(pid: number): string {
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return (stdout ?? "").trim();
}
