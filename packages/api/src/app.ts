import { JOB_ORDERS } from "@bee/core";
import express, { type Express, Router } from "express";
import helmet from "helmet";
import { alertsHandler } from "./alerts/alerts-handler.ts";
import { auditHandler } from "./audit/handlers.ts";
import { createBoard } from "./board/board.ts";
import { watchBoard } from "./board/board-orders.ts";
import { serveConsole } from "./console/console.ts";
import {
  dropRuleHandler,
  listDomainsHandler,
  pauseDomainHandler,
  resumeDomainHandler,
  setRuleHandler,
  showDomainHandler,
} from "./domains/handlers.ts";
import type { Events } from "./events/events.ts";
import { eventsHandler, jobEventsHandler } from "./events/handlers.ts";
import { desiredHandler, fleetHandler } from "./fleet/fleet-handlers.ts";
import { liveHandler, readyHandler } from "./health/health-handlers.ts";
import { logAccess } from "./http/access-log.ts";
import { answerNotFound, answerProblems } from "./http/answer-problems.ts";
import { jsonBody } from "./http/json-body.ts";
import { noStore } from "./http/no-store.ts";
import { limitRequests } from "./http/rate-limit.ts";
import { tagRequest } from "./http/request-id.ts";
import { requireKey, requireOperator } from "./http/require-key.ts";
import { route } from "./http/route.ts";
import { indexHandler } from "./index-handler.ts";
import { listHandler, orderHandler, showHandler, submitHandler } from "./jobs/handlers.ts";
import { figuresHandler, pagesHandler } from "./jobs/pages-handler.ts";
import { createKeyHandler, listKeysHandler, revokeKeyHandler } from "./keys/handlers.ts";
import { errorRatesHandler } from "./metrics/error-rates-handler.ts";
import { historyHandler } from "./metrics/history-handler.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { openApiHandlers } from "./openapi/handlers.ts";
import type { Parts } from "./parts.ts";
import { reportHandler } from "./report/report-handler.ts";
import {
  changeScheduleHandler,
  createScheduleHandler,
  listRunsHandler,
  listSchedulesHandler,
  pauseScheduleHandler,
  removeScheduleHandler,
  resumeScheduleHandler,
  runScheduleHandler,
  showScheduleHandler,
} from "./schedules/handlers.ts";
import { createHookHandler, hookHandler, revokeHookHandler } from "./schedules/hook-handlers.ts";
import { showSessionHandler, signInHandler, signOutHandler } from "./session/handlers.ts";
import { listDeliveriesHandler, replayHandler } from "./webhooks/delivery-handlers.ts";
import {
  createWebhookHandler,
  deleteWebhookHandler,
  enableWebhookHandler,
  listWebhooksHandler,
} from "./webhooks/handlers.ts";
import { rotateSecretHandler, showSecretHandler } from "./webhooks/secret-handlers.ts";

const BOARD = "/queues";

/** The way of a request, top to bottom: named, logged, its key checked, answered; what throws ends as a problem. */
export function createApp(parts: Parts, events: Events, isStopping: () => boolean): Express {
  const { db, redis, log } = parts;
  const app = express();
  app.disable("x-powered-by").disable("etag").set("trust proxy", parts.config.trustedProxies);
  const metrics = createMetrics(parts);
  app.use(tagRequest, logAccess(log), metrics.countRequests, helmet(HEADERS));
  app.use(["/v1", "/livez", "/readyz", "/metrics"], noStore);
  const console = serveConsole();
  app.use("/assets", console.assets);
  app.use(console.pages);
  route(app, "/", { GET: [console.home, indexHandler] });
  route(app, "/livez", { GET: liveHandler });
  route(app, "/readyz", { GET: readyHandler({ db, redis, isStopping, log }) });
  route(app, "/metrics", { GET: metrics.handler });
  const openApi = openApiHandlers();
  route(app, "/openapi.json", { GET: openApi.document });
  route(app, "/docs", { GET: openApi.page });
  // Before the door: who signs in or out need not be in.
  route(app, "/v1/session", {
    GET: [requireKey(db), limitRequests(parts), showSessionHandler(parts)],
    POST: [...jsonBody, signInHandler(parts)],
    DELETE: signOutHandler(parts),
  });
  // Its token is the key.
  route(app, "/v1/hooks/:token", { POST: hookHandler(parts) });
  app.use("/v1", requireKey(db), limitRequests(parts), versionOne(parts, events));
  // Basic only here: it is what a browser can send, and browsers send it to every page below this path.
  app.use(
    BOARD,
    requireKey(db, ["Basic", "Bearer"]),
    requireOperator,
    watchBoard(parts),
    createBoard(parts, BOARD),
  );
  app.use(answerNotFound);
  app.use(answerProblems(log));
  return app;
}

function versionOne(parts: Parts, events: Events): Router {
  const router = Router();
  route(router, "/jobs", { GET: listHandler(parts), POST: [...jsonBody, submitHandler(parts)] });
  route(router, "/jobs/:id", { GET: showHandler(parts) });
  for (const order of JOB_ORDERS) route(router, `/jobs/:id/${order}`, { POST: orderHandler(parts, order) });
  route(router, "/jobs/:id/pages", { GET: pagesHandler(parts) });
  route(router, "/jobs/:id/report", { GET: reportHandler(parts) });
  route(router, "/jobs/:id/figures", { GET: figuresHandler(parts) });
  route(router, "/jobs/:id/events", { GET: jobEventsHandler(parts, events) });
  route(router, "/events", { GET: eventsHandler(parts, events) });
  route(router, "/schedules", {
    GET: listSchedulesHandler(parts),
    POST: [...jsonBody, createScheduleHandler(parts)],
  });
  route(router, "/schedules/:id", {
    GET: showScheduleHandler(parts),
    PATCH: [...jsonBody, changeScheduleHandler(parts)],
    DELETE: removeScheduleHandler(parts),
  });
  route(router, "/schedules/:id/pause", { POST: pauseScheduleHandler(parts) });
  route(router, "/schedules/:id/resume", { POST: resumeScheduleHandler(parts) });
  route(router, "/schedules/:id/run", { POST: runScheduleHandler(parts) });
  route(router, "/schedules/:id/runs", { GET: listRunsHandler(parts) });
  route(router, "/schedules/:id/hook", {
    POST: createHookHandler(parts),
    DELETE: revokeHookHandler(parts),
  });
  route(router, "/domains", { GET: listDomainsHandler(parts) });
  route(router, "/domains/:domain", { GET: showDomainHandler(parts) });
  route(router, "/domains/:domain/rule", {
    PUT: [requireOperator, ...jsonBody, setRuleHandler(parts)],
    DELETE: [requireOperator, dropRuleHandler(parts)],
  });
  route(router, "/domains/:domain/pause", { POST: [requireOperator, pauseDomainHandler(parts)] });
  route(router, "/domains/:domain/resume", { POST: [requireOperator, resumeDomainHandler(parts)] });
  route(router, "/fleet", { GET: fleetHandler(parts) });
  route(router, "/fleet/desired", { GET: desiredHandler(parts) });
  route(router, "/fleet/history", { GET: historyHandler(parts) });
  route(router, "/fleet/errors", { GET: errorRatesHandler(parts) });
  route(router, "/alerts", { GET: [requireOperator, alertsHandler(parts)] });
  route(router, "/keys", {
    GET: [requireOperator, listKeysHandler(parts)],
    POST: [requireOperator, ...jsonBody, createKeyHandler(parts)],
  });
  route(router, "/keys/:id", { DELETE: [requireOperator, revokeKeyHandler(parts)] });
  route(router, "/audit", { GET: [requireOperator, auditHandler(parts)] });
  route(router, "/webhooks", {
    GET: listWebhooksHandler(parts),
    POST: [...jsonBody, createWebhookHandler(parts)],
  });
  // Before the ids, which these are not.
  route(router, "/webhooks/secret", { GET: showSecretHandler(parts), POST: rotateSecretHandler(parts) });
  route(router, "/webhooks/deliveries", { GET: listDeliveriesHandler(parts) });
  route(router, "/webhooks/deliveries/:id/replay", { POST: replayHandler(parts) });
  route(router, "/webhooks/:id", { DELETE: deleteWebhookHandler(parts) });
  route(router, "/webhooks/:id/enable", { POST: enableWebhookHandler(parts) });
  return router;
}

const HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    directives: {
      // The board brings styles in its page; nothing comes from elsewhere.
      styleSrc: ["'self'", "'unsafe-inline'"],
      fontSrc: ["'self'", "data:"],
      // We speak plain HTTP. Whether there is TLS in front is the proxy's to say.
      upgradeInsecureRequests: null,
    },
  },
  strictTransportSecurity: false,
};
