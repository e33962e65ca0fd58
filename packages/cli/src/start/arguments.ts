import { CommandError } from "../exit-codes.ts";

export interface StartArguments {
  /** End after the report, with an exit code that tells how it was. */
  readonly exit: boolean;
  /** The site to warm; without one, the demo site. */
  readonly site: string | undefined;
}

const USAGE = "usage: npm start, or npm start -- [--exit] [url]";

/** @throws CommandError that says how `npm start` is used. */
export function parseStartArguments(args: readonly string[]): StartArguments {
  const [site, ...more] = args.filter((arg) => arg !== "--exit");
  const unknown = site?.startsWith("-") ? site : more[0];
  if (unknown !== undefined) throw new CommandError(`did not expect ${JSON.stringify(unknown)}; ${USAGE}`);
  return { exit: args.includes("--exit"), site };
}
