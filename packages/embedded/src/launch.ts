import { spawn } from "node:child_process";

/** How a program is started: without a shell, and as another user where one is named. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that ran to its end, and what it wrote to both of its streams. */
export interface Run {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program to its end. One that cannot even be started has failed like any other. */
export function runProgram({ command, args, ...how }: Launch, input = ""): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...how, cwd: "/" });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.once("error", (error) => resolve({ ok: false, output: error.message }));
    child.once("close", (code) => resolve({ ok: code === 0, output: output.trim() }));
    child.stdin.on("error", () => {}); // a program that ends without reading has said why by itself
    child.stdin.end(input);
  });
}
