import {
  CONTACT_HINT,
  type Config,
  HEALTH_DOMAIN,
  type Log,
  StopStack,
  userAgentOf,
  type WakeTask,
} from "@bee/core";
import { createHttpClient } from "@bee/crawl";
import {
  AllQueues,
  announceRule,
  type BreakerSettings,
  Breakers,
  type ControlMessage,
  FleetRegistry,
  Gates,
  Lanes,
  listenControl,
  openRedis,
  readApiAddress,
  requireSafeRedis,
  type TaskHandlers,
} from "@bee/queue";
import {
  hasJobs,
  listPausedDomains,
  listStopped,
  openDatabase,
  type Plea,
  ping,
  type Release,
  releaseDomain,
  requireMigrated,
  requireReachable,
  setPlatform,
  settle,
} from "@bee/store";
import { Admission } from "./admission.ts";
import { ConnectionShare, FIRST_CONNECTIONS } from "./connection-share.ts";
import { obey } from "./control.ts";
import { Expander } from "./expander.ts";
import { FleetMember } from "./fleet-member.ts";
import { Heartbeat } from "./heartbeat.ts";
import { PausedDomains } from "./paused-domains.ts";
import { Platforms } from "./platforms.ts";
import { PostgresWatch } from "./postgres-watch.ts";
import { Previewer } from "./previewer.ts";
import { RobotsBook } from "./robots-book.ts";
import { Settler } from "./settler.ts";
import { StoppedJobs } from "./stopped-jobs.ts";
import { Visitor } from "./visitor.ts";
import { Shedder } from "./vitals-shedder.ts";

export interface WorkerOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly log: Log;
  /** Who may retire this worker; null when it was started by hand. */
  readonly owner: string | null;
  readonly breaker?: BreakerSettings | undefined;
  /** The longest that one request may take, 20 s; gates are held for it that lost their memory, so short of half a minute. */
  readonly deadlineMs?: number;
}

export interface RunningWorker {
  readonly id: string;
  stop(): Promise<void>;
}

/** Hundreds of visits share them: one that waits its turn is no fault. */
const PATIENTLY = { name: "bee worker", patienceMs: 30_000 };
const DEADLINE_MS = 20_000;
/** Visits under way at the end of a worker get this long to finish. */
const GRACE_MS = 5_000;

/** The worker process: takes tasks from the four queues and carries them out. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { config, databaseUrl, redisUrl, log, owner, deadlineMs = DEADLINE_MS } = options;
  const { region, workerClass, slots, allowPrivate, resolve } = config;
  const member = new FleetMember(config, owner);
  const started = new StopStack();
  try {
    await requireSafeRedis(redisUrl);
    const redis = openRedis({ url: redisUrl, name: "bee worker", log });
    started.add("Redis", redis, () => redis.disconnect());
    const db = openDatabase({ url: databaseUrl, connections: FIRST_CONNECTIONS, ...PATIENTLY, log });
    const share = new ConnectionShare(db.connections);
    // The worker belongs to the fleet as long as it may hold a connection to Postgres.
    const heartbeat = new Heartbeat({ registry: new FleetRegistry(redis), member, share, log });
    started.add("heartbeat", heartbeat, () => heartbeat.stop());
    started.add("Postgres", db, () => db.close());
    await heartbeat.start();
    await share.joined();
    await requireReachable(db, databaseUrl);
    await requireMigrated(db);

    const queues = new AllQueues(redis);
    started.add("queues", queues, () => queues.close());
    const gates = new Gates(redis, { deadlineMs, log });
    started.add("gates", gates, () => gates.stop());
    await gates.start({ begun: await hasJobs(db) });
    const breakers = new Breakers({ redis, deadlineMs, settings: options.breaker, log });
    started.add("breakers", breakers, () => breakers.stop());
    breakers.start();
    const userAgent = userAgentOf(config.identity);
    const internal = { host: HEALTH_DOMAIN, find: () => readApiAddress(redis) };
    const client = createHttpClient({ userAgent, allowPrivate, resolve, internal, deadlineMs });
    started.add("HTTP client", client, () => client.close());
    const stoppedJobs = new StoppedJobs({ readStopped: (jobs) => listStopped(db, jobs), log });
    started.add("stopped jobs", stoppedJobs, () => stoppedJobs.stop());
    stoppedJobs.start();
    const pausedDomains = new PausedDomains({ readPaused: () => listPausedDomains(db), log });
    started.add("paused domains", pausedDomains, () => pausedDomains.stop());
    pausedDomains.start();
    const hear = (message: ControlMessage) => obey({ stoppedJobs, pausedDomains, gates, breakers }, message);
    const listening = (now: boolean) => breakers.listening(now);
    const stopListening = await listenControl(redis, hear, listening);
    started.add("control channel", stopListening, () => stopListening());

    const dispatch = (release: Release) => queues.dispatch(release);
    const onRetry = (error: unknown) => watch.notice(error);
    // Visits that end while the lanes stop still need their results settled, so the settler stops after the lanes.
    const onPlea = ({ domain, forMs, reason }: Plea) => breakers.leaveAlone(domain, forMs, reason);
    const settler = new Settler({ settle: (batch) => settle(db, batch), onPlea, dispatch, onRetry, log });
    started.add("settler", settler, () => settler.stop());
    const platforms = new Platforms({
      record: async (domain, platform) => {
        const inForce = await setPlatform(db, domain, platform);
        if (inForce === undefined) return;
        log.info("a domain has the rule of its platform", { domain, platform });
        await announceRule(redis, domain, inForce);
      },
      log,
    });
    const { rules } = config;
    const admission = new Admission({ db, gates, breakers, stoppedJobs, pausedDomains, platforms, rules });
    const robots = new RobotsBook({
      db,
      client,
      productToken: config.identity.productToken,
      repace: (domain, rule) => gates.repace(domain, rule),
    });
    const shared = { db, client, admission, robots, stoppedJobs, dispatch, onPlea, log };
    const visitor = new Visitor({ ...shared, settler, lagMs: () => lanes.load.lagMs, vitals: member.vitals });
    const expander = new Expander(shared);
    const previewer = new Previewer({ ...shared, redis });
    const wake = async ({ domain }: WakeTask) => {
      await dispatch(await releaseDomain(db, domain));
      return "done" as const;
    };

    const hold = () => lanes.hold();
    const watch = new PostgresWatch({ ping: () => ping(db), hold, goOn: () => lanes.goOn(), log });
    const handlers: TaskHandlers = {
      visit: watch.guard((...delivered) => visitor.visit(...delivered)),
      expand: watch.guard((...delivered) => expander.expand(...delivered)),
      wake: watch.guard(wake),
      preview: watch.guard((task, signal) => previewer.preview(task, signal)),
    };
    const lanes = new Lanes({ redis, queues: queues.of(config), region, workerClass, slots, handlers, log });
    started.add("lanes", lanes, () => lanes.stop(GRACE_MS));
    // Lanes that stop must not be told to go on.
    started.add("Postgres watch", watch, () => watch.stop());

    const shedder = new Shedder({
      slots,
      busy: () => lanes.busy,
      overload: () => member.vitals.overload,
      allow: (allowed) => lanes.allow(allowed),
      log,
    });
    started.add("shedder", shedder, () => shedder.stop());

    lanes.start();
    shedder.start();
    member.load = () => lanes.load;
    member.holding = () => watch.isAway;
    member.state = "working";
    await heartbeat.beat();
    // Whoever starts workers for a fleet tells it once for all of them.
    if (owner === null && config.identity.contactUrl === undefined) log.info(CONTACT_HINT);
    log.info("worker started", { worker: member.id, slots, region, class: workerClass });
    return {
      id: member.id,
      stop() {
        member.state = "stopping";
        return started.stop();
      },
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
