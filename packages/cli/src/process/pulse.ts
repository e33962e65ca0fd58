import { utimesSync, writeFileSync } from "node:fs";

/** A quarter of the age at which a health check calls the process dead (`docker/healthcheck.sh`). */
const BEAT_MS = 5_000;

/**
 * Tells whoever watches a container that this process has started and that its event loop turns: by a file that it
 * touches every five seconds, which holds the address of a process that listens.
 * @throws when the file cannot be written: a container that is never well would be a riddle.
 */
export function startPulse(file: string, url = ""): void {
  writeFileSync(file, url);
  const beat = () => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // The file's age says so.
    }
  };
  setInterval(beat, BEAT_MS).unref();
}
