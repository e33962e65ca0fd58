import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function adminKeyFile(dataDir: string): string {
  return join(dataDir, "admin-key");
}

/** The operator's key that a data directory holds. */
export function readAdminKey(dataDir: string): string | undefined {
  try {
    return readFileSync(adminKeyFile(dataDir), "utf8").trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The operator's key: the one that is set, else the one kept in the data directory, made at the first start.
 * @param generate makes a new secret.
 */
export function ensureAdminKey(set: string | undefined, dataDir: string, generate: () => string): string {
  const known = set ?? readAdminKey(dataDir);
  if (known !== undefined) return known;
  try {
    writeFileSync(adminKeyFile(dataDir), `${generate()}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    // Another process of this directory was faster: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readAdminKey(dataDir)!;
}
