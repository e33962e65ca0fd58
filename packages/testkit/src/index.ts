// Real caches.
export { startNginx } from "./caches/nginx.ts";
export { findProgram, type RunningCache } from "./caches/program.ts";
export { startVarnish } from "./caches/varnish.ts";
// Simulated web and demo site.
export { type Control, startControl } from "./demo-site/control.ts";
export { type DemoSite, type DemoSiteOptions, startDemoSite } from "./demo-site/demo-site.ts";
export type { DemoExpectation, ExpectedPage, ExpectedRedirect } from "./demo-site/expectation.ts";
export { HeldMemory, heldAtRest, heldMegabytes } from "./held-memory.ts";
// Servers that misbehave.
export type { Behaviour } from "./hostile/behaviour.ts";
export { trustTestAuthority } from "./hostile/certificates.ts";
export { HOSTILE_SERVERS, type HostileServer, INNER_HOST } from "./hostile/hostile-servers.ts";
export { HOSTILE_SITEMAPS, type HostileSitemap } from "./hostile/hostile-sitemaps.ts";
export { type HostileWeb, startHostileWeb } from "./hostile/hostile-web.ts";
// What processes log and hold, and outages.
export { type Line, RecordingLog } from "./recording-log.ts";
// Stores of the tests.
export { startRedisCluster, startTlsRedis } from "./redis-servers.ts";
export { type StoreCertificates, writeStoreCertificates } from "./store-certificates.ts";
export * from "./stores.ts";
export * from "./web/answers.ts";
export { type AskOptions, ask, type Reply } from "./web/ask.ts";
export { Lateness } from "./web/lateness.ts";
export { mostInFlight, type Pace, type Span, worstExcess } from "./web/politeness.ts";
export { monotonicMs, type RequestEntry, RequestLog, type RequestLogOptions } from "./web/request-log.ts";
export type { Page, Responder, Site } from "./web/site.ts";
export { startWeb, type Web, type WebOptions } from "./web/web.ts";
export { layWire, type Wire } from "./wire.ts";
