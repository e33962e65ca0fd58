import { parseArgs } from "node:util";
import type { DemoSiteOptions } from "./demo-site.ts";

export interface MainOptions extends DemoSiteOptions {
  /** Whether to stop when stdin closes. */
  readonly withParent: boolean;
}

const OPTIONS = {
  host: { type: "string" },
  listen: { type: "string" },
  port: { type: "string" },
  log: { type: "string" },
  "slow-ms": { type: "string" },
  "origin-delay-ms": { type: "string" },
  "with-parent": { type: "boolean", default: false },
} as const;

export const DEMO_SITE_HELP = `Usage: npm run demo-site -- [options]

Serves a small site behind a cache, with pages that are slow, broken or never
cached. Prints one line of JSON when it listens; stops on Ctrl-C.

  --host <name>           the name in its URLs (default: garden.test)
  --listen <address>      the address to listen on (default: 127.0.0.1)
  --port <n>              the port to listen on (default: any that is free)
  --log <file>            write each request to that file, as a line of JSON
  --slow-ms <n>           how long the slow page takes (default: 2500)
  --origin-delay-ms <n>   how long any other page takes that is not cached
                          (default: 60)
  --with-parent           stop when stdin closes
  -h, --help              print this
`;

/** Whether only the help is asked for. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

/** The process's options from its arguments. @throws for unknown options and for numbers that are none. */
export function parseMainArgs(args: readonly string[]): MainOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  return {
    host: values.host,
    address: values.listen,
    port: wholeNumber("--port", values.port, 65_535),
    logFile: values.log,
    slowMs: wholeNumber("--slow-ms", values["slow-ms"]),
    originDelayMs: wholeNumber("--origin-delay-ms", values["origin-delay-ms"]),
    withParent: values["with-parent"],
  };
}

function wholeNumber(name: string, text: string | undefined, max = 3_600_000): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= max) return number;
  throw new Error(`expected ${name} to be a whole number from 0 to ${max}, got "${text}"`);
}
