import { CommanderError } from "commander";
import { createCommands } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";
import { tellFailure } from "./failure.ts";
import { surviveLostReaders } from "./process/lost-readers.ts";

/** Runs one command line and sets the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  surviveLostReaders();
  const commands = createCommands((exitCode) => {
    process.exitCode = exitCode;
  });
  try {
    await commands.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? toldByCommander(error) : tellFailure(error);
  }
}

/** It ends also after `--help` and `--version` with an error, a good one. */
function toldByCommander({ exitCode }: CommanderError): number {
  return exitCode === 0 ? EXIT.fine : EXIT.usage;
}
