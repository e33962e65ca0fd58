import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { readSupervision } from "../environment.ts";
import { LIFELINE_FD } from "../process/lifeline.ts";
import { runProcess } from "../process/run-process.ts";
import { spawnBee } from "../process/spawn-bee.ts";

/** It waits for its workers, and these for their visits. */
const STOP_WITHIN_MS = 50_000;

/** Runs the scaler as a process of its own; the workers it spawns live on this machine. */
export function scaler(): Promise<never> {
  return runProcess("scaler", STOP_WITHIN_MS, async (context) => {
    const { startScaler } = await import("@bee/scaler");
    const owner = context.owner ?? `scaler-${randomUUID()}`;
    return startScaler({ ...context, owner, spawnWorker: () => spawnWorker(owner) });
  });
}

/**
 * Workers hang on the line of whoever answers for this scaler, so that they outlive it and a new scaler can adopt
 * them. A scaler that nobody answers for is itself the one they end with.
 */
function spawnWorker(owner: string) {
  const { lifeline } = readSupervision();
  const worker = spawnBee("worker", lifeline ?? "pipe", { BEE_OWNER: owner });
  // Our end of its line tells by being closed; what the worker says on it is for supervisors.
  if (lifeline === null) (worker.stdio?.[LIFELINE_FD] as Duplex | undefined)?.on("error", () => {}).resume();
  return worker;
}
