import { join } from "node:path";
import type { Environment } from "@bee/core";
import { readClientEnvironment } from "../environment.ts";
import { unlessAborted } from "../process/stop-request.ts";
import { count } from "../show/text.ts";
import { tryToListen } from "../up/free-port.ts";
import { FleetProcess } from "./fleet-process.ts";
import type { Session } from "./session.ts";

/** Starts `bee up` as a child. @returns the API's address. */
export async function startFleet(session: Session, told: Environment): Promise<string> {
  const { config, dataDir, steps, stop, started } = session;
  const fleet = new FleetProcess({
    logFile: join(dataDir, "logs", "fleet.log"),
    told: { ...told, BEE_DATA_DIR: dataDir, BEE_PORT: await choosePort(session) },
    onStores: () => steps.done("stores", "Postgres and Redis"),
    onLost: (error) => stop.fail(error),
  });
  started.add("fleet", fleet, () => fleet.stop(stop.urgent));
  const url = await unlessAborted(fleet.ready(), stop.asked);
  steps.done("fleet", `${count(config.workers.min, "worker")} and the API at ${url}`);
  return url;
}

/** A newcomer should not fail at a port; who sets one wants that one. */
async function choosePort({ config, steps }: Session): Promise<string> {
  const isTaken = !readClientEnvironment().namesApi && (await tryToListen(config)) === "EADDRINUSE";
  if (!isTaken) return String(config.port);
  steps.note(`port ${config.port} is taken, so the API gets another; BEE_PORT chooses one`);
  return "0";
}
