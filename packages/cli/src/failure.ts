import { BeeError, messageOf } from "@bee/core";
import { CommandError, EXIT } from "./exit-codes.ts";
import { clean } from "./show/text.ts";

/** Tells on stderr what went wrong, one line per problem. @returns the exit code. */
export function tellFailure(error: unknown): number {
  process.stderr.write(linesOf(error));
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof BeeError && error.code === "invalid-config" ? EXIT.usage : EXIT.failed;
}

/** A stack trace only for what is our own mistake. */
function linesOf(error: unknown): string {
  const isForPeople = error instanceof CommandError || error instanceof BeeError;
  const text = isForPeople || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  return text
    .split("\n")
    .map((line) => `bee: ${clean(line)}\n`)
    .join("");
}
