import type { RequestHandler } from "express";
import { docsPage } from "./docs-page.ts";
import { createDocument } from "./document.ts";

/** `GET /openapi.json`, and `GET /docs` for people. Both are the same in every process, and made once. */
export function openApiHandlers(): { readonly document: RequestHandler; readonly page: RequestHandler } {
  const document = createDocument();
  const page = docsPage(document);
  return {
    document: (_request, response) => {
      response.json(document);
    },
    page: (_request, response) => {
      response.type("html").send(page);
    },
  };
}
