import { accessSync, constants, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { BeeError, messageOf } from "@bee/core";

/** The absolute path of the data directory, made where it is missing, closed to others. */
export function openDataDir(path: string): string {
  const directory = resolve(path);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
    return directory;
  } catch (cause) {
    throw new BeeError(
      "cannot-start",
      `expected BEE_DATA_DIR to be a directory that can be written to, got ${directory}: ${messageOf(cause)}; set it to another one`,
      { cause },
    );
  }
}
