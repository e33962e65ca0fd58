import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What is fetched for this project, and for nobody else, lies here; it may be deleted at any time. */
export const TOOLCHAIN = fileURLToPath(new URL("../../.toolchain", import.meta.url));

/** Something a person has to put right; the message says what was expected, what was got and what to do. */
export class SetupError extends Error {}

/** One line per step; on stderr, because stdout belongs to the command that follows. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
