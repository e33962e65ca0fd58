/**
 * How long a `Retry-After` asks to wait, in milliseconds (RFC 9110 section 10.2.3: seconds, or a date in any of the
 * three HTTP formats). A date in the past asks for no wait. Null for anything else: such values must be ignored.
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const date = parseHttpDate(text);
  return date === null ? null : Math.max(0, date - now);
}

/** A date in any of the three HTTP formats (RFC 9110 section 5.6.7), in milliseconds since the epoch; else null. */
export function parseHttpDate(value: string | null): number | null {
  const text = value?.trim() ?? "";
  // Every HTTP date begins with a day's name; Date.parse alone would take "-1" for the year 2001.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return null;
  // The asctime form carries no zone and means UTC all the same.
  const date = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? null : date;
}
