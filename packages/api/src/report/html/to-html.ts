import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { measured, thousands } from "@bee/core";
import type { Report } from "../report.ts";
import { changes } from "./changes.ts";
import { day } from "./day.ts";
import { figures } from "./figures.ts";
import { graphs } from "./graphs.ts";
import { html, link, Markup } from "./markup.ts";
import { sections, warnings } from "./sections.ts";
import { verdictOf } from "./verdict.ts";

const STYLE = readFileSync(new URL("./report.css", import.meta.url), "utf8");
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Nothing is loaded, run, sent or framed; of styles only our own, which is known by its hash. */
const IN_THE_PAGE = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'`;
export const CONTENT_SECURITY_POLICY = `${IN_THE_PAGE}; frame-ancestors 'none'`;

/** A report as one page that needs nothing else: it can be mailed, printed and read without a network. */
export function toHtml(report: Report): string {
  const { job, headline, summary } = report;
  const { host } = new URL(job.url);
  const verdict = verdictOf(report);
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${IN_THE_PAGE}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${host}: ${headline}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<p class="headline">${headline}</p>
<h1 class="${verdict.tone}">${verdict.text}</h1>
<p class="quiet">${link(job.url, host)} · ${stateOf(report)}</p>
</header>
<main>
${warnings(report)}
${summary.pages === 0 ? null : [figures(report), changes(report), graphs(report), sections(report)]}
</main>
<footer class="quiet">
<p>Job ${job.id}. A list holds the first ${thousands(summary.listLimit)} pages; all of them are in the CSV: <code>bee report ${job.id} --format csv</code></p>
</footer>
</body>
</html>
`}`;
}

function stateOf({ job: { status, startedAt, finishedAt } }: Report): Markup {
  if (startedAt === null || finishedAt === null) return html`${status}; what is known so far`;
  return html`${status} on ${day(finishedAt)}, in ${measured(finishedAt.getTime() - startedAt.getTime())}`;
}
