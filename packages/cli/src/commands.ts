import {
  JOB_ORDERS,
  type JobOrder,
  MAX_PAGES_LIMIT,
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  PLANS,
} from "@bee/core";
import { Command, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { AFTER_HELP } from "./after-help.ts";
import { parseJobId } from "./client/job-id.ts";
import { parseKeyId, parseLifetime } from "./client/key-options.ts";
import { parseQuietHours, parseScheduleId, parseSeconds } from "./client/schedule-options.ts";
import { parseSite } from "./client/site.ts";
import { BEE } from "./command-name.ts";
import { DEFAULT_FAIL_ON, FAIL_ON, parseFailOn } from "./commands/fail-on.ts";
import { usageError } from "./usage-error.ts";

const ABOUT = "Warms the caches of web sites and checks their health, politely.";

/** Receives the exit code of a command that ran. */
type Done = (exitCode: number) => void;

/** Every command of `bee`: its words here, its work in a module of its own that is loaded when it is called. */
export function createCommands(done: Done): Command {
  const bee = new Command(BEE)
    .description(ABOUT)
    .version(packageJson.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help, also of a command")
    .helpCommand("help [command]", "print help, also of a command")
    .exitOverride()
    .addHelpText("after", AFTER_HELP);
  addSiteCommands(bee.commandsGroup("Sites:"), done);
  addFleetCommands(bee.commandsGroup("The fleet:"), done);
  addProcessCommands(bee.commandsGroup("Its processes, one each, for containers:"));
  explainUsage(bee, BEE);
  return bee;
}

/** A complaint points to the help of the command that was not understood. */
function explainUsage(command: Command, line: string): void {
  command.configureOutput({ outputError: (text, write) => write(usageError(text, `${line} --help`)) });
  for (const inner of command.commands) explainUsage(inner, `${line} ${inner.name()}`);
}

function addSiteCommands(bee: Command, done: Done): void {
  client(bee.command("warm"))
    .summary("warm a site and report what was found")
    .description("Submits a site, shows the progress and prints the report.")
    .argument(
      "<url>",
      "where the site begins, such as https://example.com, or example.com for the same",
      understood(parseSite),
    )
    .option("--max-pages <n>", "visit at most so many pages (default: 500)", wholeNumber(1, MAX_PAGES_LIMIT))
    .option("--webhook <url>", "tell this address when the job has ended")
    .addOption(
      new Option(
        "--fail-on <findings>",
        `exit with 1 on any of these, comma-separated: ${FAIL_ON.join(", ")}; or nothing`,
      )
        .default(DEFAULT_FAIL_ON, DEFAULT_FAIL_ON.join(","))
        .argParser(understood(parseFailOn)),
    )
    .option("--json", "print the report as JSON, and nothing else on stdout")
    .action(async (site, options) => done(await (await import("./commands/warm.ts")).warm(site, options)));
  client(bee.command("job"))
    .summary("show a job")
    .description("Shows a job. An order, such as --cancel, is carried out before.")
    .argument("<id>", "the job's id", understood(parseJobId))
    .option("--watch", "show the progress until it has ended; exit 0 however it ended")
    .addOption(order("cancel", "cancel it: pages that have not started are not visited"))
    .addOption(order("pause", "pause it: no page is visited until it is resumed"))
    .addOption(order("resume", "let it go on where it was paused"))
    .addOption(order("retry", "visit the pages that failed again"))
    .option("--json", "print it as JSON")
    .action(async (id, options) => done(await (await import("./commands/job.ts")).job(id, options)));
  client(bee.command("jobs"))
    .summary("list the newest jobs")
    .description(
      "Lists the newest jobs: their pages, done and in all, and how many of them are bad: broken, blocked or unreachable.",
    )
    .option("--limit <n>", "at most so many", wholeNumber(1, 200), 20)
    .option("--json", "print them as JSON")
    .action(async (options) => done(await (await import("./commands/jobs.ts")).jobs(options)));
  client(bee.command("report"))
    .summary("print the report of a job")
    .description(
      `Prints the report of a job, as a table for people or as a file for others:\n  ${BEE} report <id> --format html > report.html`,
    )
    .argument("<id>", "the job's id", understood(parseJobId))
    .addOption(
      new Option("--format <format>", "how to print it").choices(REPORT_FORMATS).default(REPORT_FORMATS[0]),
    )
    .action(async (id, options) => done(await (await import("./commands/report.ts")).report(id, options)));
  addScheduleCommands(
    bee.command("schedules").summary("warm sites again and again").helpCommand(false),
    done,
  );
}

function addScheduleCommands(schedules: Command, done: Done): void {
  const load = () => import("./commands/schedules.ts");
  client(schedules.command("list"))
    .summary("list the newest schedules")
    .description("Lists the newest schedules: when they are due, and when next (UTC).")
    .option("--limit <n>", "at most so many", wholeNumber(1, 200), 20)
    .option("--json", "print them as JSON")
    .action(async (options) => done(await (await load()).listSchedules(options)));
  client(schedules.command("create"))
    .summary("warm a site again and again")
    .description(
      `Warms a site again and again:\n  ${BEE} schedules create shop.example --cron "30 3 * * *" --time-zone Europe/Berlin`,
    )
    .argument("<url>", "where the site begins", understood(parseSite))
    .option("--name <name>", "what it is called (default: the site)")
    .addOption(new Option("--cron <expression>", "minute, hour, day, month and weekday").conflicts("every"))
    .option("--every <duration>", "in its place: an interval, such as 6h", understood(parseSeconds))
    .option("--time-zone <zone>", "whose clocks are meant (default: UTC)")
    .option("--jitter <duration>", "each run is late by a part of it", understood(parseSeconds))
    .option(
      "--quiet <times>",
      "runs wait until these are over, such as 08:00-18:00",
      understood(parseQuietHours),
    )
    .addOption(
      new Option("--overlap <policy>", "while the run before goes on (default: skip)").choices(
        OVERLAP_POLICIES,
      ),
    )
    .addOption(
      new Option("--missed <policy>", "after the fleet was down (default: run-once)").choices(
        MISSED_POLICIES,
      ),
    )
    .option("--max-pages <n>", "visit at most so many pages (default: 500)", wholeNumber(1, MAX_PAGES_LIMIT))
    .option("--json", "print it as JSON")
    .action(async (site, options) => done(await (await load()).createSchedule(site, options)));
  for (const [order, summary] of [
    ["pause", "let a schedule be due no more"],
    ["resume", "let a paused schedule be due again"],
  ] as const) {
    client(schedules.command(order))
      .summary(summary)
      .argument("<id>", "the schedule's id", understood(parseScheduleId))
      .option("--json", "print it as JSON")
      .action(async (id, options) => done(await (await load()).orderSchedule(order, id, options)));
  }
  client(schedules.command("remove"))
    .summary("remove a schedule; jobs that it has started go on")
    .argument("<id>", "the schedule's id", understood(parseScheduleId))
    .action(async (id, options) => done(await (await load()).removeSchedule(id, options)));
}

/** An order to a job; one at a time. */
function order(name: JobOrder, description: string): Option {
  return new Option(`--${name}`, description).conflicts(JOB_ORDERS.filter((other) => other !== name));
}

const REPORT_FORMATS = ["table", "json", "csv", "junit", "html"];

function addFleetCommands(bee: Command, done: Done): void {
  bee
    .command("up")
    .summary("run the fleet on this machine, in the foreground")
    .description(
      "Runs the API, the scaler and at least three workers until Ctrl-C, each as a process of its own.\nBrings a private Postgres and Redis, unless DATABASE_URL and REDIS_URL name others.\nA second Ctrl-C hurries.",
    )
    .action(async () => (await import("./up/up.ts")).up());
  client(bee.command("fleet"))
    .summary("show the workers, the queues and the last decisions of the scaler")
    .option("--json", "print it as JSON")
    .action(async (options) => done(await (await import("./commands/fleet.ts")).fleet(options)));
  addKeyCommands(bee.command("keys").summary("manage API keys").helpCommand(false), done);
  bee
    .command("migrate")
    .summary("bring the schema of the database up to date")
    .description("Applies what is missing to the database of DATABASE_URL, else of the fleet that runs here.")
    .action(async () => done(await (await import("./commands/migrate.ts")).migrate()));
}

function addKeyCommands(keys: Command, done: Done): void {
  const where = "in the database of DATABASE_URL, else of the fleet that runs here.";
  keys
    .command("create")
    .summary("make an API key and print it, this once")
    .description(`Makes an API key ${where}`)
    .requiredOption("--name <name>", "whose key it is", understood(parseOwner))
    .addOption(new Option("--plan <plan>", "what it may do").choices(PLANS).makeOptionMandatory())
    .option("--read-only", "it may look, and change nothing")
    .option("--of <id>", "the key whose jobs it sees; with --read-only", understood(parseKeyId))
    .option("--expires <duration>", "it ends after so long, such as 90d or 12h", understood(parseLifetime))
    .addHelpText("after", ABOUT_PLANS)
    .action(async (options) => done(await (await import("./commands/keys.ts")).createKey(options)));
  keys
    .command("list")
    .summary("list the API keys, the newest first")
    .description(`Lists the API keys ${where} What they are, nobody can tell any more.`)
    .option("--json", "print them as JSON")
    .action(async (options) => done(await (await import("./commands/keys.ts")).listKeys(options)));
  keys
    .command("revoke")
    .summary("end an API key, at once")
    .description(`Ends an API key ${where}\nThose that read its jobs and its browsers' sessions end with it.`)
    .argument("<id>", "the key's id", understood(parseKeyId))
    .action(async (id) => done(await (await import("./commands/keys.ts")).revokeKey(id)));
}

const ABOUT_PLANS = `
Plans:
  standard  its jobs are of the tier normal, above 500 pages low; it sees its own;
            500 pages a day, unless BEE_PAGES_PER_DAY says otherwise
  premium   the same, but its jobs are of the tier high, and go at twice the rate of their domain;
            100,000 pages a day
  operator  as standard, but it sees and orders all jobs, may set their priority,
            manages keys and opens Bull Board; as many pages as it likes
`;

/** Loads a process only when it is to run: a worker needs no web server, an API no crawler. */
const PROCESSES = {
  api: { what: "the API", load: async () => (await import("./commands/api.ts")).api },
  worker: { what: "a worker", load: async () => (await import("./commands/worker.ts")).worker },
  scaler: {
    what: "the scaler with the workers it spawns",
    load: async () => (await import("./commands/scaler.ts")).scaler,
  },
};

function addProcessCommands(bee: Command): void {
  for (const [name, { what, load }] of Object.entries(PROCESSES)) {
    bee
      .command(name)
      .summary(`run ${what}`)
      .description(`Runs ${what} until SIGTERM. Needs DATABASE_URL and REDIS_URL.`)
      .action(async () => {
        const run = await load();
        await run();
      });
  }
}

/** A command that talks to the API. */
function client(command: Command): Command {
  return command
    .option("--api <url>", "the API of the fleet")
    .option("--key <key>", "the API key; better in BEE_KEY, where the list of processes does not show it");
}

function parseOwner(text: string): string {
  if (text.trim() !== "") return text;
  throw new Error(`expected whose key it is, got ${JSON.stringify(text)}`);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return understood((text) => {
    if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    throw new Error(`expected a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`);
  });
}

/** Lets commander tell which option or argument was not understood. */
function understood<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}
