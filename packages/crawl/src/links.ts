import { type AnswerHeaders, canonicalUrl, headerOf, MAX_URL_LENGTH } from "@bee/core";
import { Parser } from "htmlparser2";
import type { BodyReader } from "./http-answer.ts";
import { decodeText } from "./read-text.ts";

/** Characters of a page that are searched for links; a page of honest size is a tenth of it. */
const MAX_HTML = 2 * 1024 * 1024;

/** Links that one page may add. */
const MAX_LINKS = 5_000;

/** Open elements after which a page is no page: browsers stop nesting at 512, and the parser slows down with each. */
const MAX_DEPTH = 2_000;

/** Whether an answer is a page whose links may be followed. */
export function mayHaveLinks(headers: AnswerHeaders): boolean {
  const type = headerOf(headers, "content-type") ?? "";
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(type) && !headerForbids(headers);
}

/**
 * `X-Robots-Tag: nofollow`, or `none`. A value may begin with the name of the crawler that it is for; those for
 * others do not concern us, and nobody addresses a warmer.
 */
function headerForbids(headers: AnswerHeaders): boolean {
  const values = (headerOf(headers, "x-robots-tag") ?? "").split(",");
  return values.some((value) => /^(?:nofollow|none)$/i.test(value.trim()));
}

/** Gathers the links of a page while it streams by. */
export class LinkFinder {
  readonly #links = new Set<string>();
  #base: string;
  #baseSeen = false;
  #forbidden = false;
  #depth = 0;
  readonly #parser: Parser;

  constructor(pageUrl: string) {
    this.#base = pageUrl;
    this.#parser = new Parser({
      onopentag: (name, attributes) => this.#open(name, attributes),
      onclosetag: () => {
        this.#depth--;
      },
    });
  }

  /** Canonical URLs of what the page links to, in the order of the page; none where it asks that its links be left alone. */
  get links(): readonly string[] {
    return this.#forbidden ? [] : [...this.#links];
  }

  /** Reads a page, or as much of it as is searched. */
  reader(headers: AnswerHeaders): BodyReader {
    const charset = /charset="?([\w-]+)/i.exec(headerOf(headers, "content-type") ?? "")?.[1];
    return async (body) => {
      let length = 0;
      for await (const text of decodeText(body, charset)) {
        this.#parser.write(text);
        length += text.length;
        if (length > MAX_HTML || this.#depth > MAX_DEPTH || this.#forbidden) return;
      }
      this.#parser.end();
    };
  }

  #open(name: string, attributes: Record<string, string>): void {
    this.#depth++;
    if (name === "a") this.#addLink(attributes);
    else if (name === "base") this.#setBase(attributes["href"]);
    else if (name === "meta") this.#obey(attributes);
  }

  #addLink({ href, rel }: Record<string, string>): void {
    if (href === undefined || this.#links.size >= MAX_LINKS) return;
    if (/(?:^|\s)nofollow(?:\s|$)/i.test(rel ?? "")) return;
    const url = canonicalUrl(href.trim(), this.#base);
    if (url !== null) this.#links.add(url);
  }

  /** The first `<base href>` of a page counts; one that is no web URL does not (HTML section 4.2.3). */
  #setBase(href: string | undefined): void {
    if (this.#baseSeen || href === undefined || href.length > MAX_URL_LENGTH) return;
    this.#baseSeen = true;
    this.#base = canonicalUrl(href.trim(), this.#base) ?? this.#base;
  }

  #obey({ name, content }: Record<string, string>): void {
    if (name?.toLowerCase() !== "robots") return;
    const words = (content ?? "").split(",").map((word) => word.trim().toLowerCase());
    if (words.includes("nofollow") || words.includes("none")) this.#forbidden = true;
  }
}
