import { setTimeout as delay } from "node:timers/promises";
import { countsAddUp } from "@bee/core";
import { startWeb, type Web } from "@bee/testkit";
import type { Api } from "./api.ts";
import { RULE, siteOf, visitsIn } from "./sites.ts";
import type { Job } from "./wire.ts";

const POLL_MS = 100;

/** What became of the pages. */
export interface Fetched {
  readonly pages: number;
  /** Pages that the sites were asked for more often than once. */
  readonly twice: readonly string[];
  /** By how many the outcomes that were recorded differ from the pages that were fetched. */
  readonly unrecorded: number;
  /** Jobs with pages that are nowhere, or that failed. */
  readonly incomplete: readonly Job[];
}

/** As many active jobs as one likes, each for a site of its own and with more pages than it will get through. */
export class Load {
  readonly #web: Web;
  readonly #pages: number;
  readonly #api: Api;
  readonly #hosts: readonly string[];
  #active: string[] = [];
  readonly #all: string[] = [];

  static async start(api: Api, hosts: readonly string[], pages: number): Promise<Load> {
    const site = siteOf(pages);
    const web = await startWeb({ hosts: Object.fromEntries(hosts.map((host) => [host, site])) });
    for (const host of hosts) await api.setRule(host, RULE);
    return new Load(api, web, hosts, pages);
  }

  private constructor(api: Api, web: Web, hosts: readonly string[], pages: number) {
    this.#api = api;
    this.#web = web;
    this.#hosts = hosts;
    this.#pages = pages;
  }

  /** Submits jobs, or pauses the youngest: the visits of a paused job that are under way end and count. */
  async have(active: number): Promise<void> {
    const surplus = this.#active.splice(active);
    const hosts = this.#hosts.slice(this.#all.length, this.#all.length + active - this.#active.length);
    // All at once: the scaler may look in between, and sees a number then that nobody asked for.
    const [submitted] = await Promise.all([
      Promise.all(hosts.map((host) => this.#api.submit({ url: this.#web.url(host), maxPages: this.#pages }))),
      Promise.all(surplus.map((id) => this.#api.pause(id))),
    ]);
    this.#active.push(...submitted);
    this.#all.push(...submitted);
  }

  /** Resolves when the fleet knows all pages of the jobs that are active. */
  async known(): Promise<void> {
    for (const id of this.#active) await this.#until(id, ({ counts }) => counts.total === this.#pages);
  }

  /** Pauses all jobs, waits until nothing is under way, and compares what was recorded with what the sites saw. */
  async settle(): Promise<Fetched> {
    await this.have(0);
    const jobs = await Promise.all(
      this.#all.map((id) => this.#until(id, ({ counts }) => counts.released === 0)),
    );
    await this.#web.log.idle();
    const visits = visitsIn(this.#web.log.entries);
    const succeeded = jobs.reduce((sum, job) => sum + job.counts.succeeded, 0);
    return {
      pages: visits.size,
      twice: [...visits].filter(([, times]) => times > 1).map(([page]) => page),
      unrecorded: Math.abs(visits.size - succeeded),
      incomplete: jobs.filter(
        ({ counts }) => !countsAddUp(counts) || counts.total !== this.#pages || counts.failed > 0,
      ),
    };
  }

  async stop(): Promise<void> {
    await this.#web.stop();
  }

  async #until(id: string, isAsAskedFor: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = await this.#api.job(id);
      if (isAsAskedFor(job)) return job;
      await delay(POLL_MS);
    }
  }
}
