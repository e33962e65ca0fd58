const NUMBER = new Intl.NumberFormat("en");
const DATE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const number = (value: number) => NUMBER.format(value);

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

export const moment = (iso: string) => DATE.format(new Date(iso));
export const clock = (iso: string) => CLOCK.format(new Date(iso));

/** `40 s`, `3 min 20 s`, `2 h 5 min`, `3 days`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 10) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  if (minutes < 60) return `${Math.round(whole / 60)} min`;
  const hours = Math.floor(whole / 3_600);
  if (hours < 48)
    return Math.floor((whole % 3_600) / 60) === 0
      ? `${hours} h`
      : `${hours} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.round(whole / 86_400)} days`;
}

export function ago(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1_000;
  if (seconds < 5) return "just now";
  if (seconds < 3_600 * 48) return `${coarse(seconds)} ago`;
  return moment(iso);
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}

export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1_000 ** power;
  return `${scaled < 10 && power > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${units[power]}`;
}

export function percent(part: number): string {
  const value = 100 * part;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

export function rate(perSecond: number): string {
  if (perSecond >= 1 || perSecond === 0) return `${trim(perSecond)}/s`;
  return perSecond >= 1 / 60 ? `${trim(60 * perSecond)}/min` : `${trim(3_600 * perSecond)}/h`;
}

function trim(value: number): string {
  return number(Number(value.toPrecision(3)));
}

/** `example.com/shop` of a URL. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}

export const REASONS: Readonly<Record<string, string>> = {
  "rate-limit": "wait for their turn at the domain's rate",
  "crawl-delay": "wait for their turn at the pace that robots.txt asks for",
  "retry-after": "wait because the site asked for quiet, or before another attempt",
  "circuit-open": "wait because the domain failed too often; it is tried again",
  "tier-share": "wait for a free slot of their tier",
  "no-worker": "wait for a worker",
  paused: "are paused",
  "proof-delay": "wait a moment for the visit that proves them cached",
};

/** The same for a job that knows of no page yet. */
export const WHOLE_REASONS: Readonly<Record<string, string>> = {
  "retry-after": "The site asked for quiet; its sitemaps are read afterwards.",
  "circuit-open": "The domain failed too often; its sitemaps are read when it is back.",
  "tier-share": "Its robots.txt and sitemaps are read as soon as a slot of its tier is free.",
  "no-worker": "No worker lives that could read its robots.txt and sitemaps.",
  paused: "It is paused.",
};

export const SOURCES: Readonly<Record<string, string>> = {
  operator: "set by an operator",
  owner: "from BEE_RULES",
  platform: "of its platform",
  default: "the default",
};

export const PACE_REASONS: Readonly<Record<string, string>> = {
  premium: "doubled: a premium job is active",
  "crawl-delay": "slowed by the site's Crawl-delay",
  refused: "slowed because the site asked for less",
  "slow-origin": "slowed because the origin became slow",
};
