import type { Paint } from "../show/paint.ts";

const WIDTH = 14;

/** Tells what is done, one line a step, with the time since the process started. */
export class Steps {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;

  constructor(stream: NodeJS.WriteStream, paint: Paint) {
    this.#stream = stream;
    this.#paint = paint;
  }

  /** Since the process began, not since we were loaded: that is what a person waits. */
  get #elapsed(): string {
    return `${(performance.now() / 1_000).toFixed(1)} s`;
  }

  title(text: string): void {
    this.#stream.write(`\n${this.#paint("bold", text)}\n\n`);
  }

  done(what: string, remark = ""): void {
    const time = this.#paint("bold", this.#elapsed.padEnd(6));
    const line = `${what.padStart(WIDTH)} after ${time}  ${this.#paint("dim", remark)}`;
    this.#stream.write(`${line.trimEnd()}\n`);
  }

  note(text: string): void {
    this.#stream.write(`${" ".repeat(WIDTH + 1)}${text}\n`);
  }
}
