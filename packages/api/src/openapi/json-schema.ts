import * as z from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Makes JSON Schemas of zod's, and gathers those that have an id (`.meta({ id })`) as components. */
export class SchemaBook {
  readonly #components = new Map<string, JsonSchema>();

  /** Those gathered, by id. */
  get components(): Readonly<Record<string, JsonSchema>> {
    const sorted = [...this.#components].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  /** What a caller sends. */
  input(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, "input");
  }

  /** What a caller gets. Objects stay open: a field that is added breaks nobody. */
  output(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, "output");
  }

  #convert(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const {
      $schema: _always,
      $defs = {},
      ...own
    } = z.toJSONSchema(schema, {
      io,
      // What a transformation makes of a text is nothing to whoever sends it.
      unrepresentable: "any",
      override({ jsonSchema }) {
        if (io === "output" && jsonSchema.properties !== undefined) delete jsonSchema.additionalProperties;
        // Every whole number has these.
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    });
    for (const [id, component] of Object.entries($defs)) this.#components.set(id, moved(component));
    const { id } = own as { id?: string };
    if (id === undefined) return moved(own);
    this.#components.set(id, moved(own));
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** With references to where components are, and without the ids that made them. */
function moved(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (name, value) => {
    if (name === "$ref") return value.replace("#/$defs/", "#/components/schemas/");
    if (typeof value === "object" && value !== null && typeof value.id === "string") delete value.id;
    return value;
  });
}
