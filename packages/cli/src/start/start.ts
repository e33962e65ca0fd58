import { StopStack } from "@bee/core";
import { ApiClient } from "../client/api-client.ts";
import { submit } from "../commands/warm.ts";
import { readConfig } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { tellFailure } from "../failure.ts";
import { surviveLostReaders } from "../process/lost-readers.ts";
import { StopRequest } from "../process/stop-request.ts";
import { paintFor } from "../show/paint.ts";
import { reportText } from "../show/report/report-text.ts";
import { screenOf } from "../show/screen.ts";
import { adminKeyFile, readAdminKey } from "../up/admin-key.ts";
import { openDataDir } from "../up/data-dir.ts";
import { addressesText } from "../up/describe-fleet.ts";
import { parseStartArguments, START_HELP, type StartArguments } from "./arguments.ts";
import { demoDifferences, demoEnvironment, startDemo } from "./demo.ts";
import { cancelLeftDemos, tryToCancel } from "./demo-jobs.ts";
import { followToReport } from "./follow-to-report.ts";
import { requireAllowed, requireNoFleet } from "./preconditions.ts";
import type { Session, StartOptions } from "./session.ts";
import { shortcomings } from "./shortcomings.ts";
import { startFleet } from "./start-fleet.ts";
import { Steps } from "./steps.ts";

export type { StartOptions } from "./session.ts";

/** `npm start`, from its arguments to the exit code of the process. Whatever happens, nothing is left running. */
export async function start(args: readonly string[], options: StartOptions): Promise<void> {
  surviveLostReaders();
  const stop = new StopRequest().listen().listenForMistakes();
  const started = new StopStack();
  try {
    const wishes = parseStartArguments(args);
    if (wishes.help) return void process.stdout.write(START_HELP);
    const config = readConfig();
    if (wishes.site !== undefined) requireAllowed(wishes.site, config);
    const steps = new Steps(process.stdout, paintFor(process.stdout));
    const dataDir = openDataDir(config.dataDir);
    requireNoFleet(dataDir);
    const session = { ...options, config, dataDir, steps, stop, started };
    process.exitCode = await run(session, wishes);
  } catch (error) {
    // What breaks because we stop is no failure of its own.
    process.exitCode = stop.asked.aborted ? EXIT.interrupted : tellFailure(error);
  } finally {
    if (stop.asked.aborted && stop.failure === undefined) tellStopping(process.stderr);
    await started.stop();
  }
  if (stop.failure !== undefined) process.exitCode = tellFailure(stop.failure);
}

/** Some seconds pass until everybody has put their work away. On a terminal, the line has a `^C` in it already. */
function tellStopping(stream: NodeJS.WriteStream): void {
  stream.write(`${stream.isTTY ? "\n" : ""}Stopping … (another Ctrl-C hurries)\n`);
}

async function run(session: Session, { exit, site }: StartArguments): Promise<number> {
  const { config, dataDir, steps, stop, started } = session;
  steps.title("Blue Banded Bee");
  const demo = site === undefined ? await startDemo(session) : null;
  const url = await startFleet(session, demo === null ? {} : demoEnvironment(session, demo.url));
  const api = new ApiClient(() => new URL(url), config.adminKey ?? readAdminKey(dataDir)!);
  await cancelLeftDemos(api);
  const job = await submit(api, site ?? { url: demo!.url });
  // Stopped before the fleet is. A site that somebody named is warmed on when a fleet is there again.
  if (demo !== null) started.add("demo job", job.id, (id) => tryToCancel(api, id));
  const report = await followToReport(api, job, session);
  if (report === null) return EXIT.interrupted;
  process.stdout.write(`\n${reportText(report, screenOf(process.stdout))}\n`);
  const problems = [
    ...shortcomings(report),
    ...(demo === null ? [] : demoDifferences(report, demo.expected)),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (exit) return problems.length === 0 ? EXIT.fine : EXIT.findings;
  const keyFile = config.adminKey === undefined ? adminKeyFile(dataDir) : null;
  process.stdout.write(`${addressesText({ url, keyFile })}\n`);
  await stop.wait();
  return EXIT.fine;
}
