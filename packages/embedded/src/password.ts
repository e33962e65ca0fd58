import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

/** The password kept in that file (mode 0600), made at the first call. */
export async function keepPassword(file: string): Promise<string> {
  const kept = await readFile(file, "utf8").catch(ifMissing);
  if (kept) return kept;
  const password = randomBytes(24).toString("base64url");
  // Written aside and renamed, so that an interruption never leaves half a password.
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
