import { STATUS_CODES } from "node:http";
import { ERRORS, type ErrorCode } from "@bee/core";
import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { PROBLEM_TYPE, problemSchema } from "../http/problem.ts";
import { type JsonSchema, SchemaBook } from "./json-schema.ts";
import type { Answer, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

/** Descriptions of the API in the form of OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: object;
  };
  readonly [more: string]: unknown;
}

/** Schemas by media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export interface OpenApiOperation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly [more: string]: unknown;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content?: Content;
  readonly [more: string]: unknown;
}

const ABOUT =
  "Warms the caches of web sites and checks their health, politely. Errors are problems (RFC 9457); lists go on by a cursor; objects may get more fields.";

export function createDocument(operations: readonly Operation[] = OPERATIONS): OpenApiDocument {
  const book = new SchemaBook();
  book.output(problemSchema);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    const path = templateOf(operation.path);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation, book) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Blue Banded Bee",
      version: packageJson.version,
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: {
      schemas: book.components,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key." },
        session: {
          ...{ type: "apiKey", in: "cookie", name: "bee_session" },
          description: "What a browser gets for a key by POST /v1/session.",
        },
      },
    },
  };
}

/** As OpenAPI writes the path of a route. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

function describe(operation: Operation, book: SchemaBook): OpenApiOperation {
  const { summary, description, group, access, body } = operation;
  const parameters = parametersOf(operation, book);
  const operator = access === "operator" ? "For operators." : undefined;
  const texts = [operator, description].filter((text) => text !== undefined);
  return {
    operationId: idOf(operation),
    summary,
    ...(texts.length > 0 ? { description: texts.join(" ") } : {}),
    tags: [group],
    ...(access === "anybody" ? { security: [] } : { security: [{ key: [] }, { session: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: book.input(body) } } } }),
    responses: { ...answersOf(operation, book), ...problemsOf(operation) },
  };
}

/** `GET /v1/jobs/:id/pages` is `getJobsIdPages`. */
function idOf({ method, path }: Operation): string {
  const words = path.replace(/^\/v1/, "").match(/\w+/g) ?? ["root"];
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function parametersOf({ path, query, headers = {} }: Operation, book: SchemaBook): OpenApiParameter[] {
  const inPath = Array.from(path.matchAll(/:(\w+)/g), ([, name]): OpenApiParameter => {
    return { name: name!, in: "path", required: true, schema: { type: "string" } };
  });
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]): OpenApiParameter => {
    const { description, ...rest } = book.input(schema as z.ZodType);
    const required = !z.safeParse(schema, undefined).success;
    return {
      name,
      in: "query",
      required,
      ...(description === undefined ? {} : { description: String(description) }),
      schema: rest,
    };
  });
  const inHeaders = Object.entries(headers).map(([name, description]): OpenApiParameter => {
    return { name, in: "header", required: false, description, schema: { type: "string" } };
  });
  return [...inPath, ...inQuery, ...inHeaders];
}

function answersOf({ answers }: Operation, book: SchemaBook): Record<string, OpenApiResponse> {
  const described = Object.entries(answers).map(([status, answer]) => {
    const description = STATUS_CODES[status] ?? status;
    if (answer === null) return [status, { description }];
    return [status, { description, content: contentOf(answer, book) }];
  });
  return Object.fromEntries(described);
}

function contentOf(answer: NonNullable<Answer>, book: SchemaBook): Content {
  const parts = answer instanceof z.ZodType ? [answer] : answer;
  return Object.fromEntries(
    parts.map((part) =>
      typeof part === "string"
        ? [part, { schema: { type: "string" } }]
        : ["application/json", { schema: book.output(part) }],
    ),
  );
}

/** What an operation may refuse with, by its shape and by what it says itself; the rest are our own failures. */
function problemsOf({ method, path, access, query, body, problems = [] }: Operation) {
  const isPublic = access === "anybody";
  const codes = new Set<ErrorCode>([
    ...(isPublic ? [] : (["unauthorized", "too-many-requests"] as const)),
    ...(access === "operator" || (!isPublic && method !== "GET") ? (["forbidden"] as const) : []),
    ...(path.includes("/:") ? (["not-found"] as const) : []),
    ...(body === undefined
      ? []
      : (["invalid-json", "body-too-large", "unsupported-media-type", "invalid-request"] as const)),
    ...(query === undefined && isPublic ? [] : (["invalid-request"] as const)),
    ...problems,
  ]);
  const byStatus = Map.groupBy(codes, (code) => String(ERRORS[code].status));
  const described = [...byStatus].map(([status, codes]) => [status, problem(codes.toSorted().join(", "))]);
  return {
    ...Object.fromEntries(described),
    default: problem(
      "internal, or unavailable: a store does not answer, and Retry-After says when to ask again",
    ),
  };
}

function problem(description: string): OpenApiResponse {
  return {
    description,
    content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}
