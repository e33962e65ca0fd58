/** What a script can tell from how a command ended. */
export const EXIT = Object.freeze({
  fine: 0,
  /** The site has findings that the caller asked to fail on; or a process of the fleet could not do its work. */
  findings: 1,
  failed: 1,
  /** The command was not understood, or there is no fleet to carry it out. */
  usage: 2,
  /** As shells report a program that Ctrl-C ended. */
  interrupted: 130,
});

/** An end that a command chose: what to say on stderr, if anything, and the exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
