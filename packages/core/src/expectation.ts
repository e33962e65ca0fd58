import type * as z from "zod";

/** Longer texts are cut where they are shown: an error is read by a person. */
const MAX_SHOWN = 80;

/** What somebody gave, short enough to be part of a sentence. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(shorten(value));
}

export function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The message of a schema that expects just that; for what the general sentences below cannot know. */
export const expecting =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `expected ${what}, got ${show(input)}`;

const TYPES: Readonly<Record<string, string>> = {
  array: "an array",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a string",
};

/** What a text or a list is counted in. */
const UNITS: Readonly<Record<string, string>> = { array: "entries", string: "characters" };

/** The messages of schemas that bring none, in place of Zod's, which do not say what was got. */
export const inOurWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return expecting(TYPES[issue.expected] ?? issue.expected)(issue);
    case "invalid_value":
      return expecting(oneOf(issue.values.map(String)))(issue);
    case "too_small":
      return bound(issue, issue.inclusive ? "at least" : "more than", issue.minimum);
    case "too_big":
      return bound(issue, issue.inclusive ? "at most" : "less than", issue.maximum);
    case "unrecognized_keys":
      return `expected ${oneOf(namesOf(issue.inst))}`;
    default:
      return undefined;
  }
};

export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly detail: string;
}

/** What is wrong with a value, part by part; each name that the schema does not know is a part of its own. */
export function faultsOf({ issues }: z.core.$ZodError): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, detail: issue.message }];
    const faultAt = (key: string): Fault => ({
      path: [...issue.path, key],
      detail: `${issue.message}, got ${shorten(key)}`,
    });
    return issue.keys.map(faultAt);
  });
}

function bound(issue: z.core.$ZodRawIssue, relation: string, limit: unknown): string {
  const { input, origin } = issue as { readonly input?: unknown; readonly origin: string };
  const unit = UNITS[origin];
  if (unit === undefined) return `expected ${relation} ${limit}, got ${show(input)}`;
  const noun = limit === 1 ? unit.replace(/ies$/, "y").replace(/s$/, "") : unit;
  return `expected ${relation} ${limit} ${noun}, got ${(input as { length: number }).length}`;
}

/** The fields of the object whose schema refused others. */
function namesOf(schema: unknown): string[] {
  return Object.keys((schema as z.core.$ZodObject)._zod.def.shape);
}

function oneOf(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const last = names.at(-1)!;
  return names.length === 1 ? last : `one of ${names.slice(0, -1).join(", ")} or ${last}`;
}
