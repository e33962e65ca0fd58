import { runProcess } from "../process/run-process.ts";

/** Longer than a worker gives its visits, shorter than orchestrators give a container (30 s). */
const STOP_WITHIN_MS = 25_000;

/** Runs a worker as a process of its own. */
export function worker(): Promise<never> {
  return runProcess("worker", STOP_WITHIN_MS, async (context) => {
    const { startWorker } = await import("@bee/worker");
    return startWorker(context);
  });
}
