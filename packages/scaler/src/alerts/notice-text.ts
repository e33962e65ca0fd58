import { type AlertNotice, clean, formatDuration } from "@bee/core";

/** A notice in one line: what happened, how bad it is, and what was seen. */
export function headlineOf({ type, timestamp, data }: AlertNotice): string {
  const { name, subject, severity } = data;
  const what = subject === "" ? name : `${name} (${clean(subject)})`;
  const since = formatDuration(Date.parse(timestamp) - Date.parse(data.firedAt));
  switch (type) {
    case "alert.firing":
      return `[${severity}] ${what} fires`;
    case "alert.reminder":
      return `[${severity}] ${what} still fires, for ${since}`;
    case "alert.resolved":
      return `[resolved] ${what} is over after ${since}`;
  }
}

/** What was seen, in a sentence. */
export function detailOf({ data }: AlertNotice): string {
  return clean(data.detail);
}
