import { closeSync, openSync, writeSync } from "node:fs";

/** A file that gains one line of JSON per value. */
export interface JsonLines {
  write(value: unknown): void;
  close(): void;
}

/**
 * Opens a file to append to. Each line is written before `write` returns, so that another process reads whole lines
 * at any moment and a SIGKILL loses none.
 */
export function openJsonLines(file: string): JsonLines {
  let descriptor: number | null = openSync(file, "a");
  return {
    write(value) {
      if (descriptor !== null) writeSync(descriptor, `${JSON.stringify(value)}\n`);
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
