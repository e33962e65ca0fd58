import { access, constants, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { BeeError, messageOf } from "@bee/core";

/** The absolute path of a directory that `name` may write to, made where it is missing. */
export async function ownDirectory(name: string, path: string): Promise<string> {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
    return directory;
  } catch (cause) {
    throw new BeeError(
      "cannot-start",
      `${name} expected a directory it may write to, got ${directory} (${messageOf(cause)}). ` +
        "Set BEE_DATA_DIR to another place.",
      { cause },
    );
  }
}
