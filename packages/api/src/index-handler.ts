import type { RequestHandler } from "express";

const LINKS = {
  jobs: "/v1/jobs",
  domains: "/v1/domains",
  fleet: "/v1/fleet",
  alerts: "/v1/alerts",
  queues: "/queues",
  docs: "/docs",
  openapi: "/openapi.json",
  live: "/livez",
  ready: "/readyz",
  metrics: "/metrics",
};

/** `GET /`: where to go from here. */
export const indexHandler: RequestHandler = (_request, response) => {
  response.json({ name: "Blue Banded Bee", links: LINKS });
};
