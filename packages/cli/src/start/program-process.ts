import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { BeeError } from "@bee/core";

/** A program of ours beside the fleet, which ends when its stdin is closed: so it ends with us, however we end. */
export class ProgramProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** In a process group of its own: a Ctrl-C is for us, and we stop things in order. */
  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#exited = once(this.#child, "exit");
  }

  /** The JSON value of the first line that the program prints. */
  async announcement<T>(): Promise<T> {
    const lines = createInterface({ input: this.#child.stdout as Readable });
    const ended = this.#exited.then(() => {
      throw new BeeError("cannot-start", "expected a line from the program, got its end");
    });
    const [line] = await Promise.race([once(lines, "line"), ended]);
    ended.catch(() => {}); // its later end is not a failure
    return JSON.parse(line as string);
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }
}
