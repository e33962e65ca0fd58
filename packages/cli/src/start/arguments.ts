import { messageOf } from "@bee/core";
import { parseSite, type Site } from "../client/site.ts";
import { CommandError } from "../exit-codes.ts";

export interface StartArguments {
  /** Only say how `npm start` is used. */
  readonly help: boolean;
  /** End after the report, with an exit code that tells how it was. */
  readonly exit: boolean;
  /** The site to warm; without one, the demo site. */
  readonly site: Site | undefined;
}

const USAGE = "usage: npm start, or npm start -- [--exit] [url]";

export const START_HELP = `Usage: npm start -- [--exit] [url]

Starts the fleet on this machine, warms a site with it and prints the report.
The fleet stays up until Ctrl-C.

  url         where the site begins, such as https://example.com;
              without it, the bundled demo site
  --exit      end after the report: exit code 0 if every cacheable page was
              proved warm, else 1
  -h, --help  print this

Settings come from the environment (docs/configuration.md has all):

  BEE_PORT      port of the API; 3000, or any that is free
  BEE_DATA_DIR  where the stores and the operator's key are kept; .bee
  DATABASE_URL  a Postgres of yours, else a private one is started
  REDIS_URL     a Redis of yours, else a private one is started
`;

/** @throws CommandError that says how `npm start` is used, or what a site may be. */
export function parseStartArguments(args: readonly string[]): StartArguments {
  const [site, ...more] = args.filter((arg) => !FLAGS.includes(arg));
  const unknown = site?.startsWith("-") ? site : more[0];
  if (unknown !== undefined) throw new CommandError(`did not expect ${JSON.stringify(unknown)}; ${USAGE}`);
  return {
    help: args.includes("--help") || args.includes("-h"),
    exit: args.includes("--exit"),
    site: site === undefined ? undefined : understood(site),
  };
}

const FLAGS = ["--exit", "--help", "-h"];

function understood(site: string): Site {
  try {
    return parseSite(site);
  } catch (error) {
    throw new CommandError(`<url>: ${messageOf(error)}`, undefined, error);
  }
}
