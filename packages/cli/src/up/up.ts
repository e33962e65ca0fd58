import { CONTACT_HINT, StopStack } from "@bee/core";
import { readConfig, readSupervision } from "../environment.ts";
import { Lifeline } from "../process/lifeline.ts";
import { createLogger } from "../process/logger.ts";
import { StopRequest } from "../process/stop-request.ts";
import { describeFleet } from "./describe-fleet.ts";
import { startFleet } from "./supervisor.ts";

/**
 * Runs the fleet on this machine until a signal stops it.
 * @throws BeeError when it cannot start or has to give up; nothing is left running then.
 */
export async function up(): Promise<void> {
  const since = performance.now();
  const config = readConfig();
  const log = createLogger({ name: "up", level: config.logLevel, stream: process.stderr });
  const stop = new StopRequest().listen().listenForMistakes();
  const { lifeline: fd } = readSupervision();
  const lifeline = fd === null ? null : new Lifeline(fd);
  lifeline?.onCut(() => stop.ask("whoever started this fleet is gone"));
  const started = new StopStack();
  try {
    const onStores = () => lifeline?.tell({ from: "up", pid: process.pid, isReady: false });
    const fleet = await startFleet({ config, log, started, stop, onStores });
    lifeline?.tell({ from: "up", pid: process.pid, isReady: true, url: fleet.url });
    process.stdout.write(describeFleet(fleet, performance.now() - since));
    if (config.identity.contactUrl === undefined) log.info(CONTACT_HINT);
    log.info("stopping", { reason: await stop.wait() });
  } catch (error) {
    // Whatever breaks because we are stopping is no news.
    if (!stop.asked.aborted) throw error;
  } finally {
    await started.stop();
  }
  log.info("stopped");
  if (stop.failure !== undefined) throw stop.failure;
}
