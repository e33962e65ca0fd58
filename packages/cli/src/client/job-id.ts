import { BEE } from "../command-name.ts";
import { CommandError } from "../exit-codes.ts";
import { ApiProblem } from "./api-client.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const LISTED = `\`${BEE} jobs\` lists them`;

/** @throws Error where the text cannot be the id of any job. */
export function parseJobId(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new Error(
    `expected the id of a job, such as 01a207a2-36d3-76e7-a6e9-21644bcea641, got ${JSON.stringify(text)}; ${LISTED}`,
  );
}

/** Asks the API about a job. @throws CommandError that names the job where this key knows none of that id. */
export async function askAboutJob<T>(id: string, ask: (path: string) => Promise<T>): Promise<T> {
  try {
    return await ask(`/v1/jobs/${id}`);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    throw new CommandError(
      `expected the id of a job that this key may see, got ${id}; ${LISTED}`,
      undefined,
      error,
    );
  }
}
