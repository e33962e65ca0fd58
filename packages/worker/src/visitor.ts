import { setImmediate as nextTurn } from "node:timers/promises";
import {
  classifyFailure,
  classifyProof,
  classifyWarm,
  isQuarantined,
  LINK_LIMITS,
  type Log,
  linkTrap,
  messageOf,
  NOTHING_SEEN,
  type PageVisit,
  QUARANTINE_REASON,
  type RuleInForce,
  type Settlement,
  type VisitTask,
  visitResultOf,
} from "@bee/core";
import { type Admit, type HttpClient, type RobotsRecord, type RobotsRules, visitPage } from "@bee/crawl";
import { DomainClosedError } from "@bee/queue";
import {
  acquitSuspect,
  addPages,
  type Database,
  type FoundPage,
  getJob,
  noteSuspectStart,
  type Release,
  readSuspectStarts,
  warnOfLeftOut,
  warnOnce,
} from "@bee/store";
import type { Admission, Purpose } from "./admission.ts";
import { HeldBackError, unlessHeldBack } from "./held-back-error.ts";
import { PageSieve } from "./page-sieve.ts";
import { QueryTally } from "./query-tally.ts";
import type { RobotsBook } from "./robots-book.ts";
import type { Settler } from "./settler.ts";
import { JobStoppedError, type StoppedJobs } from "./stopped-jobs.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { VitalSigns } from "./vitals.ts";

export interface VisitorOptions {
  readonly db: Database;
  readonly client: HttpClient;
  readonly admission: Admission;
  readonly robots: RobotsBook;
  readonly stoppedJobs: StoppedJobs;
  readonly settler: Settler;
  readonly dispatch: (release: Release) => Promise<void>;
  /** Milliseconds by which this process is late. */
  readonly lagMs: () => number;
  /** Told of each visit that was settled. */
  readonly vitals: VitalSigns;
  readonly log: Log;
}

/** A process that is later than this takes its own delay for the origin's. */
const LATE_MS = 50;

/** A page that could not be visited for a reason of ours comes back after this long. */
const OUR_FAULT_DELAY_MS = 2_000;

/** Seconds. A slot waits no longer for a domain's next turn. */
const LONG_CRAWL_DELAY = 1;

const QUARANTINED: Settlement = {
  type: "done",
  outcome: "skipped",
  cache: "none",
  reason: QUARANTINE_REASON,
  seen: NOTHING_SEEN,
};

const LINKS_A_TURN = 200;

const TOO_MANY_QUERIES = `more than ${LINK_LIMITS.queries} queries at one path`;

function moreThan(maxPages: number): string {
  return `the pages link to more than maxPages (${maxPages}) pages; the rest was left out`;
}

/** A visit, from its task to its settled result: admit, fetch, classify, settle. */
export class Visitor {
  readonly #options: VisitorOptions;
  readonly #queries = new QueryTally();

  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  /** @returns `put-back` when the signal ended the visit: the page is to be visited by another worker. */
  async visit(task: VisitTask, signal: AbortSignal, deaths: number): Promise<"done" | "put-back"> {
    const { stoppedJobs, settler, vitals } = this.#options;
    const started = performance.now();
    const responses = new Stopwatch();
    const visited = await stoppedJobs.unlessStopped(task.job, () =>
      task.suspect || deaths > 0
        ? this.#settlementOfSuspect(task, responses, signal)
        : this.#settlementOf(task, responses, { job: task.job, signal }),
    );
    // Of a paused job the page goes back to the frontier; of one that has ended it has its end, and this is refused.
    const settlement = visited === "stopped" ? this.#handBack(task, new JobStoppedError(), signal) : visited;
    if (signal.aborted) return "put-back";
    const { page, lease, domain, ruleRevision } = task;
    const inTime = this.#options.lagMs() < LATE_MS;
    const item = { page, lease, domain, ruleRevision, inTime, settlement };
    try {
      await settler.submit(item, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return "put-back";
    }
    const taskMs = performance.now() - started;
    vitals.note({ result: visitResultOf(settlement), taskMs, responseMs: responses.ms });
    return "done";
  }

  /** A worker died with this page: should that happen again, it must be known whether its request was under way. */
  async #settlementOfSuspect(
    task: VisitTask,
    responses: Stopwatch,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const { db } = this.#options;
    if (isQuarantined(await readSuspectStarts(db, task.page))) return QUARANTINED;
    let started = false;
    // Once a visit, however many redirects it follows.
    const onStart = async () => {
      if (started) return;
      await noteSuspectStart(db, task.page);
      started = true;
    };
    const settlement = await this.#settlementOf(task, responses, { job: task.job, signal, onStart });
    // Its request is over and the worker lives; a visit without one proves nothing.
    if (started) await acquitSuspect(db, task.page);
    return settlement;
  }

  async #settlementOf(task: VisitTask, responses: Stopwatch, purpose: Purpose): Promise<Settlement> {
    try {
      const visit = await this.#fetch(task, responses, purpose);
      if (visit.type === "answer" && task.followLinks) await this.#addLinks(task, visit.links, purpose);
      return classify(task, visit);
    } catch (error) {
      if (error instanceof RobotsUnreachableError)
        return classifyFailure("connect", error.message, task.attempts);
      return this.#handBack(task, error, purpose.signal);
    }
  }

  #fetch(task: VisitTask, responses: Stopwatch, purpose: Purpose): Promise<PageVisit> {
    const { client, admission } = this.#options;
    const again = task.visit === "warm" && task.attempts > 0;
    const inTurn = admission.for(task.domain, ruleOf(task), { ...purpose, again });
    return visitPage({
      client,
      admit: (url, request) => inTurn(url, () => responses.time(request)),
      signal: purpose.signal,
      url: task.url,
      domain: task.domain,
      wantLinks: task.followLinks && task.visit === "warm",
      allowed: async (url) => (await this.#rulesOf(task, url, purpose)).check(url.pathname + url.search),
    });
  }

  /** Fetching robots.txt is no start of a suspect's own request. */
  async #rulesOf(task: VisitTask, { origin }: URL, { job, signal }: Purpose): Promise<RobotsRules> {
    const { robots, admission } = this.#options;
    const inTurn = admission.for(task.domain, ruleOf(task), { job, signal });
    let asked = false;
    const admit: Admit = (url, request) => {
      asked = true;
      return inTurn(url, request);
    };
    const { record, rules } = await robots.of(origin, unlessHeldBack(admit, task.domain), signal);
    if (record.status === "unreachable") throw new RobotsUnreachableError(record);
    if (asked && (rules.crawlDelay ?? 0) >= LONG_CRAWL_DELAY) throw new TurnTakenError();
    return rules;
  }

  /** Links go into the frontier before their page is settled, so that the job cannot end between the two. */
  async #addLinks(task: VisitTask, links: readonly string[], purpose: Purpose): Promise<void> {
    const { db, dispatch } = this.#options;
    const { job: id, domain, url: page } = task;
    const job = links.length === 0 ? undefined : await getJob(db, id);
    if (job === undefined) return;
    const { origin } = new URL(page);
    const rules = await this.#rulesOf(task, new URL(page), purpose);
    const trap = (url: URL) =>
      linkTrap(url) ?? (this.#queries.isOneTooMany(id, url) ? TOO_MANY_QUERIES : null);
    const sieve = new PageSieve({ domain, options: job.options, origin, rules, trap });
    const found: FoundPage[] = [];
    for (const [i, link] of links.entries()) {
      // Thousands of links, a hundred patterns and a long robots.txt are too much for one turn of the event loop.
      if (i % LINKS_A_TURN === LINKS_A_TURN - 1) await nextTurn();
      found.push(...sieve.take(link, page, page));
    }
    if (sieve.trapped.size > 0) await warnOfLeftOut(db, id, sieve.trapped);
    const { overCap, release } = await addPages(db, id, domain, found);
    if (overCap > 0) await warnOnce(db, id, moreThan(job.options.maxPages));
    await dispatch(release);
  }

  #handBack(task: VisitTask, error: unknown, signal: AbortSignal): Settlement {
    if (error instanceof DomainClosedError) {
      const { forMs: delayMs, reason: closed, message: reason } = error;
      const givenUp = error.hopeless ? { givenUp: error.givenUpReason } : {};
      const refused = error instanceof HeldBackError ? { refused: error.refused } : {};
      return { type: "hand-back", delayMs, closed, reason, ...givenUp, ...refused };
    }
    if (error instanceof TurnTakenError) {
      return { type: "hand-back", delayMs: 0, closed: null, reason: error.message };
    }
    // A visit that was broken off is no news.
    if (!(error instanceof JobStoppedError) && !signal.aborted) {
      this.#options.log.warn("a visit could not be made", { url: task.url, error: messageOf(error) });
    }
    return { type: "hand-back", delayMs: OUR_FAULT_DELAY_MS, closed: null, reason: messageOf(error) };
  }
}

/** robots.txt had the page's turn at a slow domain: the page is released to the next one. */
class TurnTakenError extends Error {
  override readonly message = "the domain's turn was used to read robots.txt";
}

/** Nothing may be fetched of a site whose robots.txt cannot be read, but that says nothing of its pages. */
class RobotsUnreachableError extends Error {
  constructor({ reason }: RobotsRecord) {
    super(`robots.txt cannot be read, so nothing may be fetched: ${reason ?? "no answer"}`);
  }
}

function ruleOf(task: VisitTask): RuleInForce {
  return { rule: task.rule, revision: task.ruleRevision };
}

function classify(task: VisitTask, visit: PageVisit): Settlement {
  const context = { attempts: task.attempts, handBacks: task.handBacks, now: Date.now() };
  return task.visit === "prove"
    ? classifyProof(visit, context)
    : classifyWarm(visit, { ...context, verify: task.verify });
}
