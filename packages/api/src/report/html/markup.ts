import { escapeMarkup } from "../escape.ts";

/** A piece of HTML; only `html` makes it, so whatever is not one is text and gets escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

/** HTML with values in it: text is escaped, pieces of HTML stay what they are, lists follow one another, null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(render)));
}

function render(value: Content): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  return typeof value === "object" ? value.map(render).join("") : escapeMarkup(String(value));
}

/** A link, if it leads to the web; a page of the site may be named `javascript:…`, and stays text. */
export function link(url: string, label: string): Markup {
  if (!/^https?:\/\//i.test(url)) return html`<bdi>${label}</bdi>`;
  return html`<a href="${url}" rel="noopener noreferrer"><bdi>${label}</bdi></a>`;
}
