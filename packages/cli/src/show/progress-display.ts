import type { Progress } from "../client/progress.ts";
import { type Paint, paintFor } from "./paint.ts";
import { progressLine, progressSentence } from "./progress-text.ts";

/** Where a job's progress is shown while it is followed. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Leaves the screen clean for what comes next. */
  end(): void;
}

/** A line that is rewritten on a terminal; anywhere else a line now and then, so that a log stays readable. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? new LiveLine(stream) : new SpacedLines(stream);
}

class LiveLine implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#paint = paintFor(stream);
  }

  show(progress: Progress): void {
    // The last column stays free: a full line makes some terminals wrap.
    const line = progressLine(progress, this.#stream.columns - 1, this.#paint);
    this.#stream.write(`${CLEAR_LINE}${line}`);
  }

  end(): void {
    this.#stream.write(CLEAR_LINE);
  }
}

const CLEAR_LINE = "\r\u001b[2K";
const SPACING_MS = 3_000;
/** A line that says what the one before it said is for those who wonder whether we live. */
const REPEAT_MS = 30_000;

class SpacedLines implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  #last = "";
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(progress: Progress): void {
    const sentence = progressSentence(progress);
    const spacing = sentence === this.#last ? REPEAT_MS : SPACING_MS;
    if (performance.now() - this.#lastAt < spacing) return;
    this.#last = sentence;
    this.#lastAt = performance.now();
    this.#stream.write(`${sentence}\n`);
  }

  end(): void {}
}
