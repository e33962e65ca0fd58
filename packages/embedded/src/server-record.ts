import { readFileSync, writeFileSync } from "node:fs";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";

/**
 * What is noted in a server's directory when it starts, so that the next start knows what it finds: a server
 * without its supervisor is an orphan of ours, a server with one is in use, a port is worth keeping.
 */
export interface ServerRecord {
  readonly server: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
  readonly port: number;
}

/** The last start's record; undefined at the first start, and where an interruption left it unreadable. */
export function readRecord(file: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Synchronous, to follow the server's start as closely as can be: a server without a record is nobody's. */
export function writeRecord(file: string, server: ProcessIdentity, port: number): void {
  const record: ServerRecord = { server, supervisor: identifyProcess(process.pid), port };
  writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}
