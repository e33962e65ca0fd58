import { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";

/** What a process tells the one that answers for it, as a line of JSON. */
export interface News {
  readonly from: "api" | "scaler" | "worker" | "up";
  readonly pid: number;
  /** Whether it does its work by now; before that it only tells that it is there. */
  readonly isReady: boolean;
  /** Where the process listens, if it does. */
  readonly url?: string;
}

/** The descriptor of the line in a child. */
export const LIFELINE_FD = 3;

/**
 * Ties a process to its supervisor: a socket whose far end only the supervisor holds.
 *
 *     supervisor ──┬── api
 *                  └── scaler, and the workers it spawns, which inherit its end
 *
 * The system cuts it when the supervisor dies, however it dies, so nobody polls and no pid can be mistaken for
 * another. Workers hold the line and not their scaler, so they outlive it. In the other direction the supervisor
 * hears who is ready, and, by the end of the stream, that the last process of the line is gone.
 */
export class Lifeline {
  readonly #socket: Socket;

  constructor(fd: number) {
    // Half-open: to close our direction would close it for everybody who shares the line.
    this.#socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    this.#socket.on("error", () => {}); // a supervisor that is gone needs no news
    this.#socket.unref();
  }

  tell(news: News): void {
    this.#socket.write(`${JSON.stringify(news)}\n`);
  }

  onCut(handle: () => void): void {
    this.#socket.once("end", handle).resume();
  }
}

/** The supervisor's end of a line. */
export class LineHolder {
  /** Resolves when no process holds the other end any more. */
  readonly gone: Promise<void>;
  readonly #socket: Duplex;

  constructor(socket: Duplex, hear: (news: News) => void) {
    this.#socket = socket;
    socket.on("error", () => {}); // the last process may go while we cut the line
    this.gone = new Promise((resolve) => void socket.once("close", resolve));
    createInterface({ input: socket }).on("line", (line) => {
      const news = parseNews(line);
      if (news !== null) hear(news);
    });
  }

  /** Tells everybody on the line to stop. */
  cut(): void {
    this.#socket.end();
  }
}

/** Null for half a line: its writer was killed while it wrote. */
function parseNews(line: string): News | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
