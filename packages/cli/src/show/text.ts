export { clean, count, measured, pathIn, thousands } from "@bee/core";

/** At most so many characters; what is cut off shows as an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** A URL or a path is cut in the middle, because its end tells it from its neighbours; other texts at their end. */
export function shorten(text: string, width: number): string {
  if (text.length <= width || width < 3 || !/^(?:https?:\/)?\/\S*$/.test(text)) return cut(text, width);
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(-end)}`;
}

/** A sentence in lines of at most that width; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(cut(word, width));
  }
  return lines;
}
