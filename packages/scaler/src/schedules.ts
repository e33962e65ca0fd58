import {
  assignTier,
  BeeError,
  type Config,
  chooseFleet,
  domainOf,
  estimatePages,
  judgeOverlap,
  type Log,
  messageOf,
  parseTarget,
  type Routing,
  ruleFor,
} from "@bee/core";
import {
  type AllQueues,
  type FleetRegistry,
  liveFleets,
  type Redis,
  type ScheduleWakes,
  sendControl,
} from "@bee/queue";
import {
  cancelJob,
  claimDue,
  countActiveSchedules,
  type Database,
  dueExpansions,
  endRun,
  ensureDomain,
  explainRun,
  listNextRuns,
  listWaitingRuns,
  type NewJob,
  NO_PAST,
  type RunSetting,
  readClock,
  readPasts,
  readRunSetting,
  type ScheduleRun,
  startRun,
} from "@bee/store";

export interface SchedulesOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly queues: AllQueues;
  readonly registry: FleetRegistry;
  readonly wakes: ScheduleWakes;
  readonly config: Pick<Config, "rules" | "regions" | "pagesPerDay" | "region" | "workerClass">;
  readonly log: Log;
  /** What time it is; the database's clock without it. */
  readonly now?: () => Promise<Date>;
}

/** Runs looked at in one go. */
const CHUNK = 500;
/** Wake-ups that differ from Postgres without being fewer or more, as when one was changed while Redis was away. */
const AGREE_EVERY_MS = 60_000;

/** Starts the jobs of schedules that are due. What is due, and what has started, is in Postgres alone. */
export class Schedules {
  readonly #options: SchedulesOptions;
  #agreedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** Starts what is due. Any process may, at any time: what two start at once starts once. */
  async runOnce(): Promise<void> {
    const { db, wakes, now = () => readClock(db) } = this.#options;
    for (;;) {
      const due = await claimDue(db, await now());
      if (due.length === 0) break;
      for (const next of due) await wakes.set(next);
    }
    for (const run of await listWaitingRuns(db, CHUNK)) {
      try {
        await this.#judge(run);
      } catch (error) {
        await this.#giveUp(run, error);
      }
    }
    await this.#agree();
  }

  async #judge(run: ScheduleRun): Promise<void> {
    const { db, redis, queues } = this.#options;
    const setting = await readRunSetting(db, run);
    if (setting === undefined) return;
    if (!setting.keyValid)
      return endRun(db, run.id, "failed", "the schedule's key is revoked or has expired");
    const { openJobs, schedule, first } = setting;
    const step = judgeOverlap(schedule.plan.overlap, openJobs.length, first);
    const busy = `job ${openJobs[0]?.id} of an earlier run has not ended`;
    if (step === "skip") return endRun(db, run.id, "skipped", busy);
    if (step === "wait")
      return explainRun(db, run.id, first ? busy : "another run of the schedule is before it");
    if (step === "cancel") {
      for (const job of openJobs) {
        await queues.dispatch((await cancelJob(db, job)).release);
        await sendControl(redis, { type: "job-stopped", job: job.id });
      }
    }
    await this.#start(run, setting);
  }

  async #start(run: ScheduleRun, { schedule, keyPlan }: RunSetting): Promise<void> {
    const { db, queues, config, log } = this.#options;
    const { maxPages, useSitemap, followLinks, include, exclude, verify, ...wish } = schedule.request;
    const url = parseTarget(wish);
    const domain = domainOf(url.hostname);
    const tier = assignTier({ domain, plan: keyPlan, maxPages, priority: wish.priority });
    const routing = await this.#route({ asked: wish.region, domain, tier, maxPages });
    const domainId = await ensureDomain(db, domain, ruleFor(domain, config.rules));
    const job: NewJob = {
      keyId: schedule.keyId,
      url: url.href,
      domainId,
      tier,
      region: routing.region,
      workerClass: routing.workerClass,
      routing: routing.reason,
      options: { maxPages, useSitemap, followLinks, include, exclude, verify },
      webhookUrl: wish.webhookUrl ?? null,
      idempotency: null,
    };
    const inserted = await startRun(db, run, job, config.pagesPerDay[keyPlan]);
    if (inserted === undefined) return;
    log.info("a schedule has started a job", { schedule: schedule.id, job: inserted.id });
    await queues.addExpansions(await dueExpansions(db, [domainId])).catch((error: unknown) => {
      log.warn("a job was stored but not queued; the reconciler will queue it", {
        job: inserted.id,
        error: messageOf(error),
      });
    });
  }

  /** A region whose workers are gone since the schedule was made is no reason not to run: it goes elsewhere. */
  async #route(
    facts: Pick<Parameters<typeof chooseFleet>[0], "asked" | "domain" | "tier"> & {
      readonly maxPages: number;
    },
  ): Promise<Routing> {
    const { db, registry, config } = this.#options;
    const live = liveFleets(await registry.list());
    const { firstBytes, largest } = (await readPasts(db, [facts.domain])).get(facts.domain) ?? NO_PAST;
    const estimatedPages = estimatePages(facts.maxPages, largest);
    return chooseFleet({ ...facts, estimatedPages, live, firstBytes, book: config.regions, home: config });
  }

  /** What is wrong with the schedule or its quota ends the run; what is wrong with us is tried again. */
  async #giveUp(run: ScheduleRun, error: unknown): Promise<void> {
    const { db, log } = this.#options;
    if (error instanceof BeeError) return endRun(db, run.id, "failed", error.message);
    log.warn("a run of a schedule could not be started yet", {
      schedule: run.scheduleId,
      error: messageOf(error),
    });
  }

  /** Wake-ups are set for what is due next, also after Redis has lost them all. */
  async #agree(): Promise<void> {
    const { db, wakes } = this.#options;
    const isTime = performance.now() - this.#agreedAt >= AGREE_EVERY_MS;
    if (!isTime && (await wakes.count()) === (await countActiveSchedules(db))) return;
    await wakes.agree(await listNextRuns(db));
    this.#agreedAt = performance.now();
  }
}
