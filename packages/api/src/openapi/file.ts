import { fileURLToPath } from "node:url";
import type { OpenApiDocument } from "./document.ts";

/** Where the description of the API is checked in, for whoever generates clients from it. */
export const CHECKED_IN = fileURLToPath(new URL("../../../../docs/openapi.json", import.meta.url));

export function textOf(document: OpenApiDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
