import { BeeError, type Config, messageOf, type Stoppable } from "@bee/core";
import { BEE } from "../command-name.ts";
import { readConfig, readSupervision } from "../environment.ts";
import { Lifeline, type News } from "./lifeline.ts";
import { createLogger, type ProcessLog } from "./logger.ts";
import { startPulse } from "./pulse.ts";
import { StopRequest } from "./stop-request.ts";

/** What every process of the fleet is given. */
export interface ProcessContext {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly log: ProcessLog;
  readonly owner: string | null;
}

/** A process that has started; `url` where it listens. */
export type Started = Stoppable & { readonly url?: string };

/**
 * Runs one process of the fleet until a signal, or the end of its supervisor, stops it. Exit code 0 after an orderly
 * stop; 1 when it cannot start, fails, or does not stop in time; a second signal exits at once.
 * @throws BeeError `invalid-config` before anything is started.
 */
export async function runProcess(
  name: Exclude<News["from"], "up">,
  stopWithinMs: number,
  start: (context: ProcessContext) => Promise<Started>,
): Promise<never> {
  const config = readConfig();
  const stores = requireStores(name, config);
  const { owner, lifeline: fd, pulse } = readSupervision();
  const log = createLogger({ name, level: config.logLevel, stream: process.stderr });
  const stop = listenForStop(log, stopWithinMs);
  process.on("uncaughtException", (error) => void leave(log, 1, "failed", error));
  const lifeline = fd === null ? null : new Lifeline(fd);
  lifeline?.onCut(() => stop.ask("the supervisor is gone"));
  lifeline?.tell({ from: name, pid: process.pid, isReady: false });
  try {
    const started = await start({ config, ...stores, log, owner });
    tellReady(name, started, lifeline, log);
    if (pulse !== null) startPulse(pulse, started.url);
    log.info("stopping", { reason: await stop.wait() });
    await started.stop();
    return await leave(log, 0, "stopped");
  } catch (error) {
    return leave(log, 1, stop.asked.aborted ? "did not stop in order" : "cannot start", error);
  }
}

function tellReady(name: News["from"], { url }: Started, lifeline: Lifeline | null, log: ProcessLog): void {
  const where = url === undefined ? {} : { url };
  log.info("ready", where);
  lifeline?.tell({ from: name, pid: process.pid, isReady: true, ...where });
}

function listenForStop(log: ProcessLog, withinMs: number): StopRequest {
  const stop = new StopRequest().listen();
  const late = () => void leave(log, 1, `did not stop within ${withinMs / 1_000} s`);
  stop.asked.addEventListener("abort", () => setTimeout(late, withinMs).unref());
  stop.urgent.addEventListener("abort", () => process.exit(1));
  return stop;
}

async function leave(log: ProcessLog, code: number, message: string, error?: unknown): Promise<never> {
  if (error === undefined) log[code === 0 ? "info" : "error"](message);
  // What a person can mend is said in its message; a stack trace would only hide it.
  else if (error instanceof BeeError) log.error(`${message}: ${messageOf(error)}`);
  else log.error(`${message}: ${messageOf(error)}`, { error });
  await log.flush();
  process.exit(code);
}

function requireStores(name: string, { databaseUrl, redisUrl }: Config) {
  if (databaseUrl !== undefined && redisUrl !== undefined) return { databaseUrl, redisUrl };
  const missing = Object.entries({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl })
    .filter(([, url]) => url === undefined)
    .map(([variable]) => variable);
  throw new BeeError(
    "invalid-config",
    `expected DATABASE_URL and REDIS_URL for \`bee ${name}\`, got no ${missing.join(" and no ")}; set them, or run \`${BEE} up\`, which brings both`,
  );
}
