import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { SetupError, say } from "./project.mjs";

/** Longer than a slow network needs for everything that is fetched. */
const PATIENCE_MS = 10 * 60_000;
const POLL_MS = 100;

/**
 * Does the work while no other process does. The lock is a symbolic link whose target is the holder's pid, because
 * a link comes into being together with what it says: nobody ever meets a lock that does not tell its holder.
 */
export function withLock(path, work) {
  take(path);
  try {
    return work();
  } finally {
    rmSync(path);
  }
}

function take(path) {
  const deadline = Date.now() + PATIENCE_MS;
  let waitedFor;
  while (!tryToTake(path)) {
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) breakLock(path, holder);
    else if (Date.now() > deadline)
      throw new SetupError(
        `Expected process ${holder} to finish its set-up, but it goes on. End it or delete ${path}.`,
      );
    else {
      if (holder !== undefined && holder !== waitedFor) say(`Waiting for the set-up by process ${holder} …`);
      waitedFor = holder;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  }
}

function tryToTake(path) {
  try {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(String(process.pid), path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new SetupError(
      `Expected to be able to write to ${dirname(path)}, got ${error.code}: use a checkout of your own.`,
    );
  }
}

/** Undefined where the lock was released a moment ago. */
function holderOf(path) {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

/** Whoever moves the dead holder's lock away has broken it; to find another holder's there means being too late. */
function breakLock(path, deadHolder) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (readlinkSync(aside) === deadHolder) rmSync(aside);
  else renameSync(aside, path);
}

function isAlive(pid) {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "EPERM"; // somebody else's process
  }
  return !isZombie(pid);
}

/** A process that was killed and that nobody collects, as happens in containers, has ended all the same. */
function isZombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // no /proc on this system, or the process is gone, which the next look will tell
  }
}
