import type { JobOptions } from "./job.ts";

/** What a job would find at its site: robots.txt and the pages that its sitemaps list. Nothing of it is stored. */
export interface SiteSeen {
  /** Whether everything was read that the job would read; else the numbers are what was found so far. */
  readonly complete: boolean;
  /** Why it is not complete, or why the job would fail; a sentence for people. */
  readonly problem: string | null;
  /** Null while it was not read. */
  readonly robots: {
    readonly status: "found" | "absent" | "unreachable";
    /** Seconds between two requests. */
    readonly crawlDelay: number | null;
    /** Those that it names, else the usual place. */
    readonly sitemaps: readonly string[];
  } | null;
  readonly pages: {
    /** Entries of the sitemaps. */
    readonly listed: number;
    /** Pages that would be visited, the job's own URL among them. */
    readonly toVisit: number;
    readonly disallowed: number;
    readonly filtered: number;
    readonly foreign: number;
    readonly overCap: number;
  };
  readonly warnings: readonly string[];
}

export const NOTHING_KNOWN: SiteSeen = Object.freeze({
  complete: false,
  problem: null,
  robots: null,
  pages: { listed: 0, toVisit: 0, disallowed: 0, filtered: 0, foreign: 0, overCap: 0 },
  warnings: [],
});

/** Looks at a site for a person who waits for it. */
export interface PreviewTask {
  /** Its own id; no job has it. */
  readonly preview: string;
  readonly url: string;
  readonly domain: string;
  readonly options: JobOptions;
}

/** Whoever asked for a preview waits for it so long. */
export const PREVIEW_PATIENCE_MS = 15_000;
