import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { createDocument, type OpenApiResponse } from "../openapi/document.ts";

/** An answer to be held against the description of the API. */
export interface CheckedAnswer {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Without parameters; empty where there is no body. */
  readonly type: string;
  readonly json: unknown;
}

const document = createDocument();
const operations = Object.entries(document.paths).map(([path, methods]) => ({
  path,
  methods,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
  },
});
ajv.addSchema(closed(document) as object, "api");
const validators = new Map<string, ValidateFunction>();

/** Fails where the API answers what its description does not say: another status, another type, a field more or less. */
export function checkAnswer(answer: CheckedAnswer): void {
  const { method, path, status, type, json } = answer;
  const described = operations.find(({ pattern }) => pattern.test(path));
  const name = method.toLowerCase();
  const operation = described?.methods[name === "head" ? "get" : name];
  if (described === undefined || operation === undefined) {
    // No such path or method, or one that is no part of the description, as the board is.
    if (type === "application/problem+json") validate(answer, "#/components/schemas/Problem", json);
    return;
  }
  const key = status in operation.responses ? String(status) : "default";
  const { content = {} }: OpenApiResponse = operation.responses[key]!;
  if (name === "head" || (type === "" && Object.keys(content).length === 0)) return;
  if (!(type in content))
    fail(answer, `expected ${Object.keys(content).join(" or ")}, got ${type || "nothing"}`);
  const at = `paths/${token(described.path)}/${name}/responses/${key}/content/${token(type)}/schema`;
  if (json !== undefined) validate(answer, `#/${at}`, json);
}

function validate(answer: CheckedAnswer, pointer: string, json: unknown): void {
  const validator = validators.get(pointer) ?? ajv.compile({ $ref: `api${pointer}` });
  validators.set(pointer, validator);
  if (!validator(json)) fail(answer, ajv.errorsText(validator.errors, { dataVar: "answer" }));
}

function fail({ method, path, status }: CheckedAnswer, why: string): never {
  throw new Error(`${method} ${path}, ${status}: not as docs/openapi.json says: ${why}`);
}

/** A reference token of RFC 6901, in a URI. */
function token(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** The description leaves objects open, so that fields can be added; one that is added must be described. */
function closed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_name, part) => {
    const isObject = part?.type === "object" && typeof part.properties === "object";
    return isObject ? { additionalProperties: false, ...part } : part;
  });
}
