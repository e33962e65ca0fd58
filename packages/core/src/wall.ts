import { type AnswerHeaders, headerOf } from "./answer-headers.ts";

/** Something between us and the site that turns robots away; what it answers says nothing of the page. */
export interface Wall {
  readonly vendor: string;
  /** The header or text that gave it away. */
  readonly signal: string;
}

export interface WallAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** The first kilobytes of the body, where they were kept. */
  readonly bodyStart: string | null;
}

/** Headers that a vendor sends with a challenge or a refusal and with nothing else, so the status does not matter. */
const HEADER_SIGNALS: readonly (readonly [vendor: string, header: string, pattern: RegExp])[] = [
  ["Cloudflare", "cf-mitigated", /challenge|block/i],
  ["Vercel", "x-vercel-mitigated", /challenge|deny/i],
  ["AWS WAF", "x-amzn-waf-action", /challenge|captcha/i],
  ["Sucuri", "x-sucuri-block", /./],
];

/** Texts of known refusal pages, with the header that must stand beside them where the text alone is not enough. */
const BODY_SIGNALS: readonly {
  readonly vendor: string;
  readonly text: RegExp;
  readonly header?: readonly [name: string, pattern: RegExp];
}[] = [
  // Not `challenge-platform`: Cloudflare puts that script into ordinary pages too.
  { vendor: "Cloudflare", text: /cf-error-details|_cf_chl_opt/, header: ["server", /cloudflare/i] },
  { vendor: "Akamai", text: /Access Denied[\s\S]*Reference\s*(?:#|&#35;)/i },
  { vendor: "Imperva", text: /_Incapsula_Resource|Incapsula incident ID/i },
  { vendor: "DataDome", text: /captcha-delivery\.com/i },
  { vendor: "HUMAN", text: /px-captcha|_pxAppId/ },
  { vendor: "Kasada", text: /kpsdk/i },
];

/** Words of challenge pages that nobody signed. They count only in a tiny answer: a long page may talk about them. */
const GENERIC =
  /captcha|verify (?:that )?you are (?:a )?human|enable javascript and cookies|unusual traffic|bot detection/i;
const TINY = 2_048;

/** Statuses that walls answer with; the start of such a body is worth keeping. */
export function mayBeWall(status: number): boolean {
  return [202, 403, 405, 406, 429, 430, 503].includes(status);
}

/**
 * Recognises a wall by what only walls send. A bare 403 is not one: a site may refuse a page to everybody, and then
 * the page is broken.
 */
export function detectWall(answer: WallAnswer): Wall | null {
  for (const [vendor, header, pattern] of HEADER_SIGNALS) {
    const value = headerOf(answer.headers, header);
    if (value !== null && pattern.test(value)) return { vendor, signal: `${header}: ${value.slice(0, 80)}` };
  }
  return mayBeWall(answer.status) && answer.bodyStart !== null ? wallInBody(answer, answer.bodyStart) : null;
}

function wallInBody({ headers }: WallAnswer, body: string): Wall | null {
  for (const { vendor, text, header } of BODY_SIGNALS) {
    const match = text.exec(body);
    const beside = header === undefined || header[1].test(headerOf(headers, header[0]) ?? "");
    if (match !== null && beside) return { vendor, signal: `"${match[0].slice(0, 40)}" in the body` };
  }
  const word = body.length < TINY ? GENERIC.exec(body) : null;
  return word === null
    ? null
    : { vendor: "an unnamed wall", signal: `"${word[0]}" in a body of ${body.length} characters` };
}
