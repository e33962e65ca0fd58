import { styleText } from "node:util";
import type { Config, Log, LogFields } from "@bee/core";
import winston from "winston";
import { redact, redactText } from "./redact.ts";

type Level = Config["logLevel"];

interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

export interface LoggerOptions {
  /** Which process speaks: `api`, `worker`, … */
  readonly name: string;
  readonly level: Level;
  readonly stream: NodeJS.WriteStream;
}

/** A log, and how to be sure that its last line is out. */
export interface ProcessLog extends Log {
  flush(): Promise<void>;
}

/** Writes lines of JSON for collectors; on a terminal, short ones for people. Secrets are in neither. */
export function createLogger({ name, level, stream }: LoggerOptions): ProcessLog {
  const write = stream.isTTY ? lineForPeople(name, stream) : lineForCollectors(name);
  const logger = winston.createLogger({
    level,
    format: winston.format.printf((info) => write(info as unknown as Line)),
    transports: [new winston.transports.Stream({ stream })],
  });
  const log =
    (at: Level) =>
    (message: string, fields: LogFields = {}) => {
      // One object: given apart, winston would glue a field named `message` to the message.
      logger.log({ level: at, message, fields });
    };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    flush: () => new Promise((resolve) => void logger.once("finish", resolve).end()),
  };
}

function lineForCollectors(name: string): (line: Line) => string {
  return ({ level, message, fields }) =>
    JSON.stringify({
      at: new Date().toISOString(),
      level,
      process: { name, pid: process.pid },
      message: redactText(message),
      ...(redact(fields) as LogFields),
    });
}

const COLOURS = { error: "red", warn: "yellow", info: "reset", debug: "dim" } as const;

function lineForPeople(name: string, stream: NodeJS.WriteStream): (line: Line) => string {
  return ({ level, message, fields }) => {
    const time = new Date().toTimeString().slice(0, 8);
    const who = styleText("dim", `${time} ${`${name} ${process.pid}`.padEnd(13)}`, { stream });
    const what = styleText(COLOURS[level], redactText(message), { stream });
    const details = Object.entries(redact(fields) as LogFields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => `${field}=${typeof value === "string" ? value : JSON.stringify(value)}`);
    return [who, what, styleText("dim", details.join(" "), { stream })].join(" ").trimEnd();
  };
}
