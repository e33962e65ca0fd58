import type { Clock } from "./clock.ts";

/** What links may look like before they are taken for ones that a site makes up without end. */
export const LINK_LIMITS = Object.freeze({
  /** Segments of a path. Shops nest six deep, archives eight. */
  segments: 15,
  /** How often a path may say the same in a row: a relative link that should have been absolute adds itself. */
  repeats: 2,
  /** Parameters of a query. Each filter of a shop adds one. */
  parameters: 8,
  /** Different queries of two or more parameters at one path: what filters and sort orders multiply to. */
  queries: 200,
  /** Years that a calendar is followed back and ahead. */
  yearsBack: 5,
  yearsAhead: 1,
});

/**
 * Why a link is one of endlessly many, as words for a warning, or null. It judges by the address alone, so it is for links,
 * and not for what a sitemap lists: that was meant.
 */
export function linkTrap(url: URL, now: Clock = Date.now): string | null {
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  if (segments.length > LINK_LIMITS.segments) return `paths of more than ${LINK_LIMITS.segments} segments`;
  if (repeats(segments)) return "paths that repeat themselves";
  const parameters = [...url.searchParams.keys()].map((name) => name.toLowerCase());
  if (parameters.length > LINK_LIMITS.parameters)
    return `queries of more than ${LINK_LIMITS.parameters} parameters`;
  if (parameters.some((name) => SESSION.test(name)) || /;jsessionid=/i.test(url.pathname))
    return "session ids";
  return isFarDay(url, segments, now) ? "calendars without end" : null;
}

const SESSION = /^(?:phpsessid|jsessionid|aspsessionid\w*|session_?id|sessid)$/;

/** Whether some segments follow one another three times: `/a/b/a/b/a/b`. */
function repeats(segments: readonly string[]): boolean {
  const times = LINK_LIMITS.repeats + 1;
  for (let size = 1; size * times <= segments.length; size++) {
    let same = 0;
    for (let at = size; at < segments.length; at++) {
      same = segments[at] === segments[at - size] ? same + 1 : 0;
      if (same >= size * (times - 1)) return true;
    }
  }
  return false;
}

const CALENDAR = /^(?:calendars?|events?|agenda|kalender|calendrier|calendario|schedule)$/i;
const DATE_PARAMETER = /^(?:date|day|week|month|year|yr|eventdate|tribe-bar-date)$/i;

/** A day far from today, where the address is one of a calendar; a month far ahead needs no other sign of one. */
function isFarDay(url: URL, segments: readonly string[], now: Clock): boolean {
  const thisYear = new Date(now()).getUTCFullYear();
  const isAhead = (year: number) => year > thisYear + LINK_LIMITS.yearsAhead;
  const isFar = (year: number) => isAhead(year) || year < thisYear - LINK_LIMITS.yearsBack;
  const dates = [...url.searchParams].flatMap(([name, value]) => (DATE_PARAMETER.test(name) ? [value] : []));
  if (segments.some((segment) => CALENDAR.test(segment))) dates.push(...segments);
  // `/2031/05`, and not `/2031/5`: that may be the fifth page of something.
  const month = /\/(2[01]\d\d)[/-](?:0[1-9]|1[0-2])(?:[/-]|$)/.exec(url.pathname)?.[1];
  return dates.some((text) => isFar(yearOf(text) ?? thisYear)) || isAhead(Number(month ?? 0));
}

/** The year that a date begins with: `2031`, `2031-05`, `20310501`. */
function yearOf(text: string): number | null {
  const year = /^(1[89]\d\d|[2-9]\d{3})(?:$|[-/.]?\d)/.exec(text)?.[1];
  return year === undefined ? null : Number(year);
}
