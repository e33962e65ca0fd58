import { hostname } from "node:os";
import type { Plan } from "@bee/core";
import {
  beginAudit,
  type Database,
  endAudit,
  listKeys as readKeys,
  revokeKey as revokeInStore,
  createKey as storeKey,
} from "@bee/store";
import { BEE } from "../command-name.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { keysText } from "../show/keys-text.ts";
import { screenOf } from "../show/screen.ts";
import { printJson } from "./print-json.ts";
import { withDatabase } from "./with-database.ts";

export interface CreateKeyOptions {
  readonly name: string;
  readonly plan: Plan;
  readonly readOnly?: boolean;
  /** The key whose jobs the new one sees. */
  readonly of?: string;
  /** Milliseconds. */
  readonly expires?: number;
}

/** Makes an API key. Its secret alone goes to stdout, so that a script can catch it. */
export async function createKey(options: CreateKeyOptions): Promise<number> {
  const { name, plan, readOnly = false, of: ownerId = null, expires } = options;
  if (ownerId !== null && !readOnly) {
    throw new CommandError(
      "expected --read-only with --of, for the jobs of another key can only be read, got none",
    );
  }
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires);
  const { key, secret } = await withDatabase(async (db) => {
    const end = await audit(db, "key.create", "", { name, plan, readOnly, ownerId, expiresAt });
    const made = await storeKey(db, name, plan, { readOnly, ownerId, expiresAt });
    await end(made.key.id);
    return made;
  });
  const bounds = `${readOnly ? ", read-only" : ""}${expiresAt === null ? "" : `, until ${expiresAt.toISOString()}`}`;
  process.stderr.write(`Key for ${name}, plan ${plan}${bounds}. Its id is ${key.id}.\n`);
  process.stderr.write("It is shown only now; use it as BEE_KEY:\n");
  process.stdout.write(`${secret}\n`);
  return EXIT.fine;
}

/** More than anybody manages by hand. */
const MOST = 10_000;

/** Lists the keys, those too that have ended. */
export async function listKeys({ json }: { readonly json?: boolean }): Promise<number> {
  const keys = await withDatabase((db) => readKeys(db, { limit: MOST }));
  if (json) printJson({ keys });
  else process.stdout.write(keysText(keys, screenOf(process.stdout), new Date()));
  return EXIT.fine;
}

/** Ends a key. */
export async function revokeKey(id: string): Promise<number> {
  const key = await withDatabase(async (db) => {
    const end = await audit(db, "key.revoke", id, {});
    const revoked = await revokeInStore(db, id);
    if (revoked !== undefined) await end();
    return revoked;
  });
  if (key === undefined) {
    throw new CommandError(`expected the id of a key, got ${id}; \`${BEE} keys list\` lists them`);
  }
  process.stdout.write(`The key of ${key.name} is revoked\n`);
  return EXIT.fine;
}

/** Who can write to the database needs no key, but leaves a name. @returns what to call when it is done. */
async function audit(db: Database, action: string, target: string, detail: object) {
  const actor = `bee keys on ${hostname()}`;
  const entry = await beginAudit(db, { keyId: null, actor, action, target, detail, request: null });
  return (made?: string) => endAudit(db, entry, "done", made);
}
