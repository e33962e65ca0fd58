/** Headers of an answer as Node gives them: names in lower case, repeats joined or, for `set-cookie`, listed. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header as one text, repeats joined by a comma (RFC 9110 section 5.3); null when absent or empty. */
export function headerOf(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name];
  const text = typeof value === "string" ? value : (value?.join(", ") ?? "");
  return text.trim() === "" ? null : text.trim();
}
