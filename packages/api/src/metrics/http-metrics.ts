import type { RequestHandler, Response } from "express";
import { Counter, Histogram, type Registry } from "prom-client";

/** Seconds. Submissions and lists take a few milliseconds, reports of large jobs seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a label may hold of a request that anybody can send: no more than our own paths and these. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
const OTHER = "other";

const routes = new WeakMap<Response, string>();

/** Names the route that a request met, as it is written in the code: `/v1/jobs/:id`. */
export function nameRoute(response: Response, route: string): void {
  routes.set(response, route);
}

/** Counts the requests that this process answers, and how long they take. */
export function countRequests(registry: Registry): RequestHandler {
  const requests = new Counter({
    name: "bee_http_requests_total",
    help: "Requests that this API process answered",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "bee_http_request_duration_seconds",
    help: "Time that this API process took to answer",
    labelNames: ["method", "route"],
    buckets: BUCKETS,
    registers: [registry],
  });
  return (request, response, next) => {
    const started = performance.now();
    response.once("close", () => {
      const labels = {
        method: METHODS.has(request.method) ? request.method : OTHER,
        route: routes.get(response) ?? OTHER,
      };
      requests.inc({ ...labels, status: response.statusCode });
      seconds.observe(labels, (performance.now() - started) / 1_000);
    });
    next();
  };
}
