import { clean } from "@bee/core";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Any text as text of HTML or XML, between tags and in quoted attributes. What XML 1.0 has no characters for (controls,
 * half of a surrogate pair, U+FFFE and U+FFFF) becomes U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return clean(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
