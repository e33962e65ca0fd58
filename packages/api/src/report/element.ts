import { escapeMarkup } from "./escape.ts";

export type Attributes = Readonly<Record<string, string | number>>;

/** An element of XML with lines of text in it, as a line of its own. */
export function element(name: string, attributes: Attributes, ...lines: readonly string[]): string {
  const start = `<${name}${attributeText(attributes)}`;
  return lines.length === 0 ? `${start}/>\n` : `${start}>${lines.map(escapeMarkup).join("\n")}</${name}>\n`;
}

export function startTag(name: string, attributes: Attributes = {}): string {
  return `<${name}${attributeText(attributes)}>\n`;
}

export function endTag(name: string): string {
  return `</${name}>\n`;
}

function attributeText(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`)
    .join("");
}
