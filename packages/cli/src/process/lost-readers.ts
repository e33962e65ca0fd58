/** How a write fails whose reader is gone: a pipe to `head`, a terminal that was closed. */
const READER_IS_GONE = ["EPIPE", "EIO"];

/**
 * Keeps a process alive whose output nobody reads any more. A command ends soon by itself, and a fleet whose terminal
 * was closed must live to stop in order.
 */
export function surviveLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (!isReaderGone(error)) throw error;
    });
  }
}

export function isReaderGone(error: unknown): boolean {
  return READER_IS_GONE.includes((Object(error) as NodeJS.ErrnoException).code ?? "");
}
