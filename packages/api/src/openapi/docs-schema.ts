import { html, type Markup } from "../report/html/markup.ts";
import type { JsonSchema } from "./json-schema.ts";

type Part = JsonSchema & {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Part[];
  readonly items?: Part;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: Part | boolean;
  readonly propertyNames?: Part;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
};

/** What a value is, on one line where that is possible; the fields of an object in a table. */
export function schemaText(schema: JsonSchema): Markup {
  const part = schema as Part;
  const { properties } = part;
  return properties === undefined ? kindOf(part) : fieldsTable(properties, part.required ?? []);
}

function fieldsTable(fields: NonNullable<Part["properties"]>, required: readonly string[]): Markup {
  const rows = Object.entries(fields).map(
    ([
      name,
      field,
    ]) => html`<tr><th scope="row"><code>${name}</code>${required.includes(name) ? null : html` <small>optional</small>`}</th>
<td>${schemaText(field)}${aboutField(field)}</td></tr>`,
  );
  return html`<table>${rows}</table>`;
}

function aboutField({ default: standard, description }: Part): Markup {
  const fallback =
    standard === undefined ? null : html` <small>by default <code>${JSON.stringify(standard)}</code></small>`;
  return html`${fallback}${description === undefined ? null : html`<br>${prose(description)}`}`;
}

function kindOf(part: Part): Markup {
  const { $ref, anyOf, items, additionalProperties, propertyNames } = part;
  if ($ref !== undefined) return schemaLink($ref.split("/").at(-1)!);
  if (part.enum !== undefined)
    return html`${alternatives(part.enum.map((value) => html`<code>${String(value)}</code>`))}`;
  if (part.const !== undefined) return html`<code>${String(part.const)}</code>`;
  if (anyOf !== undefined) return html`${alternatives(anyOf.map(schemaText))}`;
  if (items !== undefined) return html`list of ${schemaText(items)}`;
  if (typeof additionalProperties === "object") {
    const names = propertyNames?.enum === undefined ? null : html`, for ${kindOf(propertyNames)}`;
    return html`object of ${kindOf(additionalProperties)}${names}`;
  }
  const types = [part.type ?? "anything"].flat();
  return html`${types.join(" or ")}${part.format === undefined ? null : html` (${part.format})`}`;
}

function alternatives(parts: readonly Markup[]): Markup[] {
  return parts.map((part, i) => (i === 0 ? part : html` · ${part}`));
}

export function schemaLink(name: string): Markup {
  return html`<a href="#schema-${name}">${name}</a>`;
}

/** A sentence of the description, in which backquotes mean code. */
export function prose(text: string): Markup {
  return html`${text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
