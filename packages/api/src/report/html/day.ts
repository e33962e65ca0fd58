import { html, type Markup } from "./markup.ts";

/** A moment as people in all time zones can read it, and machines too. */
export function day(moment: Date): Markup {
  const iso = moment.toISOString();
  return html`<time datetime="${iso}">${WORDS.format(moment)} UTC</time>`;
}

const WORDS = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
