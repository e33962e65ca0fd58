import { BeeError } from "@bee/core";
import type { RequestHandler, Router } from "express";
import { nameRoute } from "../metrics/http-metrics.ts";

/** What a path does, by method. */
export type Methods = Readonly<
  Partial<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", RequestHandler | readonly RequestHandler[]>>
>;

/** Serves a path, and answers all methods that it does not have with the list of those it has. */
export function route(router: Router, path: string, methods: Methods): void {
  const entry = router.route(path);
  entry.all((request, response, next) => {
    nameRoute(response, request.baseUrl + path);
    next();
  });
  if (methods.GET !== undefined) entry.get(...[methods.GET].flat());
  if (methods.POST !== undefined) entry.post(...[methods.POST].flat());
  if (methods.PUT !== undefined) entry.put(...[methods.PUT].flat());
  if (methods.PATCH !== undefined) entry.patch(...[methods.PATCH].flat());
  if (methods.DELETE !== undefined) entry.delete(...[methods.DELETE].flat());
  // Express answers HEAD by the handler of GET.
  const allowed = Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  entry.all((request, response) => {
    response.set("allow", allowed.join(", "));
    throw new BeeError("method-not-allowed", `expected ${allowed.join(" or ")}, got ${request.method}`);
  });
}
