/** What a process uses, and what it may use. */
export interface Usage {
  /** Percent of one core, mean of the last ten seconds. */
  readonly cpu: number;
  /** 100, or less where its container has less than a core. */
  readonly cpuLimit: number;
  /** Bytes of resident memory. */
  readonly memory: number;
  /** Bytes: its container's limit, or what its machine has. */
  readonly memoryLimit: number;
}

/** What a worker has too little of. */
export type Overload = "cpu" | "memory";

/** Founding plan: "CPU > 80 % or memory > 0.8 of the limit → overload". */
const TOO_MUCH = 0.8;
/** Load that swings about the limit must not make a worker shed and take back by turns. */
const RELIEVED = 0.7;

/** What a worker has too little of, or null. @param before the answer of the last time: what was too much must become clearly less. */
export function overloadOf(usage: Usage, before: Overload | null): Overload | null {
  const most = (what: Overload) => (before === what ? RELIEVED : TOO_MUCH);
  // What lacks memory ends; what lacks CPU is only late.
  if (usage.memory > most("memory") * usage.memoryLimit) return "memory";
  return usage.cpu > most("cpu") * usage.cpuLimit ? "cpu" : null;
}
