import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "@bee/core";
import { type ApiOptions, findApi } from "../client/find-api.ts";
import { askAboutJob } from "../client/job-id.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { isReaderGone } from "../process/lost-readers.ts";
import { reportText } from "../show/report/report-text.ts";
import { screenOf } from "../show/screen.ts";

export interface ReportOptions extends ApiOptions {
  readonly format: string;
}

/** Prints the report of a job. All formats but the table are the API's own, passed on as they come. */
export async function report(id: string, { format, ...options }: ReportOptions): Promise<number> {
  const api = findApi(options);
  if (format === "table") {
    const read = await askAboutJob(id, () => api.report(id));
    process.stdout.write(reportText(read, screenOf(process.stdout)));
  } else {
    await print(await askAboutJob(id, (job) => api.streamReport(job, format)));
  }
  return EXIT.fine;
}

/** At the pace of whoever reads: the CSV of a million pages never lies in memory. */
async function print(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(withNewline(body)), process.stdout, { end: false });
  } catch (error) {
    // `| head` has seen what it wanted.
    if (isReaderGone(error)) return;
    throw new CommandError(
      `expected the whole report, got a part of it: ${messageOf(error)}; try again`,
      undefined,
      error,
    );
  }
}

const NEWLINE = Buffer.from("\n");

/** As a text file ends, and JSON does not. */
async function* withNewline(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array = NEWLINE;
  for await (const piece of body) {
    yield piece;
    if (piece.length > 0) last = piece;
  }
  if (last.at(-1) !== NEWLINE[0]) yield NEWLINE;
}
