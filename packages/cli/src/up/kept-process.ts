import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { BeeError, type Log, RespawnDelay } from "@bee/core";
import type { News } from "../process/lifeline.ts";
import { whenAborted } from "../process/stop-request.ts";

export interface KeptProcessOptions {
  readonly name: string;
  readonly spawn: () => ChildProcess;
  /** Resolves with the process's news when it is ready. */
  readonly hear: (isLookedFor: (news: News) => boolean) => Promise<News>;
  readonly log: Log;
  /** Somebody is in a hurry: do not wait for an orderly end. */
  readonly urgent: AbortSignal;
  readonly patienceMs: number;
}

/** A process that runs: how it will end, and since when it runs. */
interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  readonly since: number;
}

/** A child of the supervisor that is started again whenever it ends, with a pause that grows; others do not notice. */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #delay = new RespawnDelay();
  readonly #stopping = new AbortController();
  #run: Run | undefined;
  #keeping: Promise<void> | undefined;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
  }

  /** @throws BeeError `cannot-start` when it ends before it was ready the first time: then it never will be. */
  async start(): Promise<News> {
    const { name, hear } = this.#options;
    const run = this.#launch();
    const ready = hear((news) => news.isReady && news.pid === run.child.pid);
    const first = await Promise.race([ready, run.ended]);
    if (typeof first === "string") {
      throw new BeeError(
        "cannot-start",
        `the ${name} ended before it was ready (${first}); its log says why`,
      );
    }
    this.#keeping = this.#keep(run);
    return first;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#run !== undefined) await this.#end(this.#run);
    await this.#keeping;
  }

  async #keep(first: Run): Promise<void> {
    const { name, log } = this.#options;
    for (let run = first; ; run = this.#launch()) {
      const how = await run.ended;
      if (this.#stopping.signal.aborted) return;
      const waitMs = this.#delay.next(performance.now() - run.since);
      log.warn(`the ${name} ended; starting it again`, { how, waitMs });
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
    }
  }

  #launch(): Run {
    const child = this.#options.spawn();
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.#run = { child, ended, since: performance.now() };
    return this.#run;
  }

  async #end({ child, ended }: Run): Promise<void> {
    const { name, log, urgent, patienceMs } = this.#options;
    child.kill("SIGTERM");
    const late = AbortSignal.any([urgent, AbortSignal.timeout(patienceMs)]);
    const how = await Promise.race([ended, whenAborted(late).then(() => null)]);
    if (how !== null) return;
    log.warn(`killing the ${name}, which has not stopped yet`);
    child.kill("SIGKILL");
    await ended;
  }
}
