import type { Plan } from "@bee/core";
import { createKey as storeKey } from "@bee/store";
import { EXIT } from "../exit-codes.ts";
import { withDatabase } from "./with-database.ts";

export interface CreateKeyOptions {
  readonly name: string;
  readonly plan: Plan;
}

/** Makes an API key. Its secret alone goes to stdout, so that a script can catch it. */
export async function createKey({ name, plan }: CreateKeyOptions): Promise<number> {
  const { secret } = await withDatabase((db) => storeKey(db, name, plan));
  process.stderr.write(`Key for ${name}, plan ${plan}. It is shown only now; use it as BEE_KEY:\n`);
  process.stdout.write(`${secret}\n`);
  return EXIT.fine;
}
