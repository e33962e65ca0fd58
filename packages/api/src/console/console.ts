import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BeeError } from "@bee/core";
import express, { type RequestHandler, type Response } from "express";

/** Where the build of the package `console` lies. */
const BUILT = fileURLToPath(new URL("../../../console/dist/", import.meta.url));

/** The console's pages; what is on them is decided in the browser. */
const PAGES = /^\/(?:jobs|fleet|domains|alerts|keys)(?:\/[^/]*)?\/?$/;

/** Everything comes from here, and nothing that stands in the page itself is run or applied. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "img-src", "font-src", "connect-src"].map((kind) => `${kind} 'self'`),
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Named by their content, so whoever has one has it for ever. */
const FOR_EVER = { immutable: true, maxAge: "1y", index: false, redirect: false } as const;

export interface Console {
  /** Below `/assets`. */
  readonly assets: RequestHandler;
  /** `GET /` for people; programs go on to the next handler. */
  readonly home: RequestHandler;
  /** The other pages; whatever is none of them goes on. */
  readonly pages: RequestHandler;
}

/** Serves the console as it was built. */
export function serveConsole(folder = BUILT): Console {
  const page = new BuiltPage(`${folder}index.html`);
  return {
    assets: express.static(`${folder}assets`, FOR_EVER),
    home(request, response, next) {
      response.vary("accept");
      const wanted = request.accepts(page.isBuilt ? ["html", "json"] : ["json", "html"]);
      if (wanted === "html") page.send(response);
      else next();
    },
    pages(request, response, next) {
      const isAsked = (request.method === "GET" || request.method === "HEAD") && PAGES.test(request.path);
      if (isAsked) page.send(response);
      else next();
    },
  };
}

/** Asked for each time, because it names the assets of this build; read once. */
class BuiltPage {
  readonly #file: string;
  #html: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  get isBuilt(): boolean {
    if (this.#html === undefined && existsSync(this.#file)) this.#html = readFileSync(this.#file, "utf8");
    return this.#html !== undefined;
  }

  send(response: Response): void {
    if (!this.isBuilt) {
      throw new BeeError(
        "unavailable",
        "expected a built console, got none; scripts/bee builds it when it is run in the checkout",
      );
    }
    response.set({ "content-security-policy": CONTENT_SECURITY_POLICY, "cache-control": "no-cache" });
    response.type("html").send(this.#html);
  }
}
