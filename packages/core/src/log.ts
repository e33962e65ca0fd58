/**
 * What a part of the fleet needs of a logger. The process that wires the parts decides where lines go;
 * `fields` are structured and must not hold secrets.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Drops every line: for tests and for tools that must keep their output clean. */
export const silentLog: Log = Object.freeze({
  debug() {},
  info() {},
  warn() {},
  error() {},
});
