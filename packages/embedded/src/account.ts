import { lchown, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BeeError } from "@bee/core";
import { type Launch, runProgram } from "./launch.ts";

/** A user of the system that a server runs as, instead of us. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Whether setpriv can let that user through directories that are closed to it. */
  readonly passes: boolean;
}

/** Users that most systems have and that own little; none is ever created. */
const UNPRIVILEGED = ["postgres", "nobody"];

/**
 * Whom Postgres, which refuses to be root, runs as. Undefined (ourselves) unless we are root; else the owner of
 * `directory`, so that data keep their owner; where that is root, an unprivileged user, who is given it all.
 */
export async function accountFor(directory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(directory);
  if (owner.uid !== 0) return withPasses(owner);
  const { uid, gid } = await unprivilegedUser();
  for (const name of await readdir(directory, { recursive: true }))
    await lchown(join(directory, name), uid, gid);
  await lchown(directory, uid, gid); // last: an interruption leaves it to be done again
  return withPasses({ uid, gid });
}

/** The same launch, as that account. */
export function launchAs(account: Account | undefined, launch: Launch): Launch {
  if (account === undefined) return launch;
  const { uid, gid, passes } = account;
  return passes ? throughSetpriv(account, launch) : { ...launch, uid, gid };
}

async function withPasses({ uid, gid }: Omit<Account, "passes">): Promise<Account> {
  const trial = await runProgram(throughSetpriv({ uid, gid }, { command: "true", args: [] }));
  return { uid, gid, passes: trial.ok };
}

/**
 * A checkout in /root lies behind a directory that only root may enter. So the one capability that is needed to
 * get through goes along; `no_setuid_fixup` makes access(2), with which Postgres looks for itself, heed it too.
 */
function throughSetpriv({ uid, gid }: Omit<Account, "passes">, { command, args, ...how }: Launch): Launch {
  const user = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const pass = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"];
  return { command: "setpriv", args: [...user, ...pass, command, ...args], ...how };
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of UNPRIVILEGED) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new BeeError(
    "cannot-start",
    `Postgres refuses to run as root; expected a user ${UNPRIVILEGED.join(" or ")} to run it as, got none. ` +
      "Run as an ordinary user, or set DATABASE_URL.",
  );
}
