import { hostname } from "node:os";
import { BeeError, type Plan } from "@bee/core";
import {
  type AuditedAction,
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
  const { key, secret } = await withDatabase((db) =>
    audited(
      db,
      { action: "key.create", target: "", detail: { name, plan, readOnly, ownerId, expiresAt } },
      () => storeKey(db, name, plan, { readOnly, ownerId, expiresAt }),
      (made) => made.key.id,
    ),
  );
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
  const key = await withDatabase((db) =>
    audited(db, { action: "key.revoke", target: id, detail: {} }, async () => {
      const revoked = await revokeInStore(db, id);
      if (revoked !== undefined) return revoked;
      throw new CommandError(`expected the id of a key, got ${id}; \`${BEE} keys list\` lists them`);
    }),
  );
  process.stdout.write(`The key of ${key.name} is revoked\n`);
  return EXIT.fine;
}

/** Who can write to the database needs no key, but leaves a name in the audit log, and there how it ended. */
async function audited<T>(
  db: Database,
  deed: Pick<AuditedAction, "action" | "target" | "detail">,
  act: () => Promise<T>,
  targetOf?: (result: T) => string,
): Promise<T> {
  const actor = `bee keys on ${hostname()}`;
  const entry = await beginAudit(db, { ...deed, keyId: null, actor, request: null });
  try {
    const result = await act();
    await endAudit(db, entry, "done", targetOf?.(result));
    return result;
  } catch (error) {
    await endAudit(db, entry, error instanceof BeeError ? error.code : "failed");
    throw error;
  }
}
