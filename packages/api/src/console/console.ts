import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import express, { type RequestHandler, Router } from "express";
import { route } from "../http/route.ts";

/** Where the build of the package `console` lies. */
export const BUILT_CONSOLE = fileURLToPath(new URL("../../../console/dist/", import.meta.url));

/** The console's pages; what is on them is decided in the browser. */
const PAGES = ["/jobs", "/jobs/:id", "/domains", "/domains/:domain", "/fleet", "/alerts", "/keys"];

/** Everything comes from here, and nothing that stands in the page itself is run or applied. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "img-src", "font-src", "connect-src"].map((kind) => `${kind} 'self'`),
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Named by their content, so whoever has one has it for ever. */
const ASSETS = { immutable: true, maxAge: "1y", index: false, redirect: false, fallthrough: true } as const;

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Blue Banded Bee</title>
<p>The console is not built. Run <code>npm run console</code> in the checkout, and reload.`;

/**
 * Serves the console.
 * @param index what programs get at `/`, where people get the console.
 */
export function serveConsole(index: RequestHandler, folder = BUILT_CONSOLE): Router {
  const router = Router();
  const page = pageHandler(folder);
  router.use("/assets", express.static(`${folder}assets`, ASSETS));
  const either: RequestHandler = (request, response, next) => {
    response.vary("accept");
    return request.accepts(["html", "json"]) === "json"
      ? index(request, response, next)
      : page(request, response, next);
  };
  route(router, "/", { GET: either });
  for (const path of PAGES) route(router, path, { GET: page });
  return router;
}

/** The page itself is asked for each time: it names the assets of this build. */
function pageHandler(folder: string): RequestHandler {
  const file = `${folder}index.html`;
  let html: string | undefined;
  return (_request, response) => {
    if (html === undefined && existsSync(file)) html = readFileSync(file, "utf8");
    response
      .status(html === undefined ? 503 : 200)
      .set({ "content-security-policy": CONTENT_SECURITY_POLICY, "cache-control": "no-cache" })
      .type("html")
      .send(html ?? NOT_BUILT);
  };
}
