import type { Log, LogFields } from "@bee/core";

export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps every line, and tells when one comes: what a process logs is also when it happened. */
export class RecordingLog implements Log {
  readonly lines: Line[] = [];
  readonly #waiting = new Set<{ readonly message: string; readonly resolve: (line: Line) => void }>();

  debug = (message: string, fields?: LogFields) =>
    this.#add({ level: "debug", message, fields: fields ?? {} });
  info = (message: string, fields?: LogFields) => this.#add({ level: "info", message, fields: fields ?? {} });
  warn = (message: string, fields?: LogFields) => this.#add({ level: "warn", message, fields: fields ?? {} });
  error = (message: string, fields?: LogFields) =>
    this.#add({ level: "error", message, fields: fields ?? {} });

  /** The lines with a message. */
  of(message: string): Line[] {
    return this.lines.filter((line) => line.message === message);
  }

  /** The next line with a message. */
  next(message: string): Promise<Line> {
    return new Promise((resolve) => this.#waiting.add({ message, resolve }));
  }

  #add(line: Line): void {
    this.lines.push(line);
    for (const waiting of this.#waiting) {
      if (waiting.message !== line.message) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(line);
    }
  }
}
