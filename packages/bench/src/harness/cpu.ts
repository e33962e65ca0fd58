import { readdirSync, readFileSync } from "node:fs";

/** A part of the system whose CPU is told apart: the processes that it begins with, and all that these have started. */
export type CpuParts = Readonly<Record<string, readonly number[]>>;

/** Linux counts the CPU time of a process in hundredths of a second. */
const TICK_MS = 10;

interface ProcessTimes {
  readonly parent: number;
  /** Its own and that of its children that have ended. */
  readonly ticks: number;
}

/** Milliseconds of CPU, user and system, that each part has used so far. Of processes that ended, only what they left to a parent. */
export function cpuOf(parts: CpuParts): Record<string, number> {
  const processes = readProcesses();
  const partOf = (pid: number): string | undefined => {
    const part = Object.keys(parts).find((name) => parts[name]!.includes(pid));
    const parent = processes.get(pid)?.parent;
    return part ?? (parent === undefined ? undefined : partOf(parent));
  };
  const used = Object.fromEntries(Object.keys(parts).map((name) => [name, 0]));
  for (const [pid, { ticks }] of processes) {
    const part = partOf(pid);
    if (part !== undefined) used[part]! += ticks * TICK_MS;
  }
  return used;
}

function readProcesses(): Map<number, ProcessTimes> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid) => {
      const times = readTimes(pid);
      return times === undefined ? [] : [[Number(pid), times] as const];
    }),
  );
}

/** Fields 4 and 14 to 17 of proc(5)'s stat; its second is a name in brackets, in which there may be spaces. */
function readTimes(pid: string): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user, system, ofUserChildren, ofSystemChildren] = fields.slice(11, 15);
    return { parent: fields[1]!, ticks: user! + system! + ofUserChildren! + ofSystemChildren! };
  } catch {
    return undefined; // it has ended meanwhile
  }
}
