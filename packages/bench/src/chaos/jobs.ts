import { setTimeout as delay } from "node:timers/promises";
import { countsAddUp, isEnded, type JobCounts, type JobStatus } from "@bee/core";
import type { FleetUp } from "../harness/fleet-up.ts";

export interface JobSeen {
  readonly id: string;
  readonly url: string;
  readonly status: JobStatus;
  readonly counts: JobCounts;
}

export interface PageSeen {
  readonly url: string;
  readonly outcome: string | null;
  readonly reason: string | null;
}

const POLL_MS = 250;

/** Submits a site twice at the same moment under one Idempotency-Key. @returns the ids that came back. */
export async function submitTwice(fleet: FleetUp, url: string): Promise<string[]> {
  const init = { method: "POST", headers: { "idempotency-key": url }, body: JSON.stringify({ url }) };
  const jobs = await Promise.all([0, 1].map(() => fleet.ask<{ id: string }>("/v1/jobs", init)));
  return jobs.map((job) => job.id);
}

export interface Watched {
  readonly jobs: readonly JobSeen[];
  readonly reads: number;
  /** Reads that got no answer, because something was broken. */
  readonly unanswered: number;
  /** Reads in which the counters of a job did not add up. */
  readonly contradictions: number;
}

/** Reads the jobs again and again until all have ended, or the time is over. */
export async function watchJobs(fleet: FleetUp, seconds: number): Promise<Watched> {
  const deadline = performance.now() + seconds * 1_000;
  let jobs: readonly JobSeen[] = [];
  let reads = 0;
  let unanswered = 0;
  let contradictions = 0;
  while (performance.now() < deadline) {
    try {
      reads += 1;
      ({ jobs } = await fleet.ask<{ jobs: JobSeen[] }>("/v1/jobs?limit=200"));
      contradictions += jobs.filter((job) => !countsAddUp(job.counts)).length;
      if (jobs.every((job) => isEnded(job.status))) break;
    } catch {
      unanswered += 1;
    }
    await delay(POLL_MS);
  }
  return { jobs, reads, unanswered, contradictions };
}

/** All pages of a job, in pieces as the API gives them. */
export async function pagesOf(fleet: FleetUp, job: string): Promise<PageSeen[]> {
  const pages: PageSeen[] = [];
  for (let cursor = ""; ; ) {
    const path = `/v1/jobs/${job}/pages?limit=200${cursor && `&cursor=${cursor}`}`;
    const piece = await fleet.ask<{ pages: PageSeen[]; nextCursor: string | null }>(path);
    pages.push(...piece.pages);
    if (piece.nextCursor === null) return pages;
    cursor = piece.nextCursor;
  }
}
