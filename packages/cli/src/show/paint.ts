import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Gives a text a look, or returns it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours on a terminal, none in a file or a pipe; `NO_COLOR` and `FORCE_COLOR` have the last word. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** For files and tests. */
export const plain: Paint = (_style, text) => text;
