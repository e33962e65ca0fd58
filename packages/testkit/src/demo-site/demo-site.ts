import { StopStack } from "@bee/core";
import { openJsonLines } from "../web/json-lines.ts";
import { close, listen } from "../web/listening.ts";
import { monotonicMs, RequestLog } from "../web/request-log.ts";
import { createEdge } from "./edge.ts";
import { EdgeCache } from "./edge-cache.ts";
import { type DemoExpectation, expectationOf } from "./expectation.ts";
import { createOrigin } from "./origin.ts";
import { fillShelf, type Shelf } from "./shelf.ts";

export interface DemoSiteOptions {
  /** The name in the site's URLs. The edge answers to any name. */
  readonly host?: string | undefined;
  /** The address that the edge listens on; the loopback address by default. */
  readonly address?: string | undefined;
  /** The edge's port; 0 for any. */
  readonly port?: number | undefined;
  /** How long the origin takes over the slow page. */
  readonly slowMs?: number | undefined;
  /** How long the origin takes over any other answer: the difference that a warm cache makes. */
  readonly originDelayMs?: number | undefined;
  /** A file that gains the log entry of each request as it ends, as a line of JSON. */
  readonly logFile?: string | undefined;
  /** Monotonic milliseconds, for the log and for the age of what the edge holds. */
  readonly now?: (() => number) | undefined;
}

/** A small site behind a caching edge, as jobs meet them, with the answers known beforehand. */
export interface DemoSite {
  /** The home page, as a job is given it. */
  readonly url: string;
  readonly port: number;
  /** Every request that reached the edge. */
  readonly log: RequestLog;
  readonly expected: DemoExpectation;
  /** Empties the edge's cache, as after a deploy. */
  purge(): void;
  stop(): Promise<void>;
}

const DEFAULTS = { host: "garden.test", port: 0, slowMs: 2500, originDelayMs: 60, now: monotonicMs };

/** Starts the site. */
export async function startDemoSite(options: DemoSiteOptions = {}): Promise<DemoSite> {
  const stack = new StopStack();
  try {
    return await build(options, stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Stopping goes from the last part to the first: edge, log, origin, file. */
async function build(options: DemoSiteOptions, stack: StopStack): Promise<DemoSite> {
  const now = options.now ?? DEFAULTS.now;
  const file = options.logFile === undefined ? null : openJsonLines(options.logFile);
  stack.add("log file", file, (part) => part?.close());

  let shelf: Shelf = new Map();
  const origin = createOrigin({
    shelf: () => shelf,
    delayMs: options.originDelayMs ?? DEFAULTS.originDelayMs,
    slowMs: options.slowMs ?? DEFAULTS.slowMs,
  });
  const originPort = await listen(stack.add("origin", origin, close));

  const log = new RequestLog({ now, onEnd: (entry) => file?.write(entry) });
  // A server says that it is closed a moment before its last requests end. Were the origin stopped in that moment,
  // the edge would take it for broken; were the file closed, their entries would be lost.
  stack.add("log", log, (part) => part.idle());
  const cache = new EdgeCache(now);
  const edge = createEdge({ originPort, cache, log });
  const port = await listen(stack.add("edge", edge, close), options.port ?? DEFAULTS.port, options.address);

  // Sitemaps hold whole URLs, so what the origin serves is known only now that the edge has its port.
  const url = `http://${options.host ?? DEFAULTS.host}:${port}/`;
  shelf = fillShelf(url);
  return {
    url,
    port,
    log,
    expected: expectationOf(url),
    purge: () => cache.purge(),
    stop: () => stack.stop(),
  };
}
