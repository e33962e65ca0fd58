import type { Operation } from "../openapi/operation.ts";
import { eventsQuery } from "./handlers.ts";

const group = "Events";
const headers = {
  "Last-Event-ID": "The id of the last event that was seen: what has changed since is sent at once.",
};

export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/jobs/:id/events", group, access: "key", headers },
    summary: "Follow a job until it has ended",
    description:
      "Server-sent events of the type `job`, each with the job as `GET /v1/jobs/{id}` shows it. 204 for who has seen its end.",
    answers: { 200: ["text/event-stream"], 204: null },
    problems: ["too-many-requests"],
  },
  {
    ...{ method: "GET", path: "/v1/events", group, access: "key", headers },
    summary: "Follow jobs, the fleet and domains",
    description:
      "Server-sent events: `job` (a job of the list has changed), `job-view` (the one that `job` names, with all that is known of it), `fleet`, `domain`, and `reset` (begin anew: read what you show).",
    query: eventsQuery,
    answers: { 200: ["text/event-stream"] },
    problems: ["too-many-requests"],
  },
];
