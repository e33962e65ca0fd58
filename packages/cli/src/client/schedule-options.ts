import { parseDuration } from "@bee/core";
import { BEE } from "../command-name.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** @throws Error where the text cannot be the id of any schedule. */
export function parseScheduleId(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  const example = "01a207a2-36d3-76e7-a6e9-21644bcea641";
  throw new Error(
    `expected the id of a schedule, such as ${example}, got ${JSON.stringify(text)}; \`${BEE} schedules list\` lists them`,
  );
}

/** Milliseconds, whole seconds. @throws Error where the text is no duration. */
export function parseSeconds(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms % 1_000 === 0) return ms;
  throw new Error(`expected a duration such as 90s, 6h or 1d, got ${JSON.stringify(text)}`);
}

/** @throws Error where the text is no range of times such as 08:00-18:00; which times there are the API knows. */
export function parseQuietHours(text: string): QuietHours {
  const match = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text);
  if (match !== null) return { from: match[1]!, to: match[2]! };
  throw new Error(`expected times such as 08:00-18:00, got ${JSON.stringify(text)}`);
}
