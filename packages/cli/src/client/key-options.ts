import { parseDuration } from "@bee/core";
import { BEE } from "../command-name.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws Error where the text cannot be the id of any key. */
export function parseKeyId(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  const example = "01a207a2-36d3-76e7-a6e9-21644bcea641";
  throw new Error(
    `expected the id of a key, such as ${example}, got ${JSON.stringify(text)}; \`${BEE} keys list\` lists them`,
  );
}

/** Longer than anybody plans ahead, and a date that every store can hold. */
const LONGEST_MS = 100 * 365 * 86_400_000;

/** Milliseconds. @throws Error where the text is no time that a key can last. */
export function parseLifetime(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new Error(`expected a duration such as 90d or 12h, got ${JSON.stringify(text)}`);
}
