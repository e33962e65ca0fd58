import { generateSecret } from "@bee/store";
import { runProcess } from "../process/run-process.ts";
import { ensureAdminKey } from "../up/admin-key.ts";
import { openDataDir } from "../up/data-dir.ts";

/** Shorter than orchestrators give a container (30 s); the API needs ten for requests under way. */
const STOP_WITHIN_MS = 20_000;

/** Runs the API as a process of its own. */
export function api(): Promise<never> {
  return runProcess("api", STOP_WITHIN_MS, async ({ owner: _notNeeded, ...context }) => {
    const { startApi } = await import("@bee/api");
    const { adminKey, dataDir } = context.config;
    const key = adminKey ?? ensureAdminKey(undefined, openDataDir(dataDir), generateSecret);
    return startApi({ ...context, adminKey: key });
  });
}
