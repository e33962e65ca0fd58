import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type Behaviour, drips, ends, floods, resets } from "./behaviour.ts";

/** A sitemap that costs more than it says, and what a report must say of it. */
export interface HostileSitemap {
  readonly name: string;
  readonly host: string;
  readonly behaviour: Behaviour;
  /** Pages that it lists all the same. */
  readonly pages: number;
  /** Part of a warning; null where all is well. */
  readonly warning: RegExp | null;
  /** Whether it ends only at the deadline. */
  readonly late: boolean;
}

type Row = readonly [name: string, behaviour: Behaviour, pages: number, warning: RegExp | null];

/** 50 MiB take their time on a machine that is busy: a short deadline may end them, too. */
const BIG = /at most 52428800 bytes|may be cut off|other lines|within/;
const LATE = /expected a complete answer from .+ within/;
const CUT_OFF = /a body of another length than announced|cut off/;
const ENTITIES = /expected plain addresses, got 1 with entities: they are not expanded, and left out/;
const FULL = /expected at most 50000 entries, got more: the rest is left out/;
const CODING = /expected a body in (one of the codings|the coding that it claims)/;

const OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
const PART = `${OK}Content-Length: 9999\r\n\r\n`;
const X = "x".repeat(64 * 1024);
const ENTRY = "<url><loc>/a</loc></url>";
const FOREIGN = ["http://169.254.169.254/s.xml", "http://elsewhere.test/s.xml"];

const urlset = (...parts: readonly string[]) => `<urlset>${parts.join("")}</urlset>`;
const loc = (text: string) => `<url><loc>${text}</loc></url>`;
const index = (...locs: readonly string[]) =>
  `<sitemapindex>${locs.map((each) => `<sitemap><loc>${each}</loc></sitemap>`).join("")}</sitemapindex>`;
const doctype = (inside: string, ...parts: readonly string[]) =>
  `<!DOCTYPE urlset [${inside}]>${urlset(...parts)}`;

/** A file, made when it is asked for: some are large, and most who load this never ask. */
function file(make: () => string | Buffer, ...headers: readonly string[]): Behaviour {
  return (socket, request) => {
    const body = make();
    const lines = [`Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", ""];
    ends(OK, lines.join("\r\n"), body)(socket, request);
  };
}

const zipped = (...parts: readonly string[]) => gzipSync(urlset(...parts));
const twice = () => gzipSync(zipped(ENTRY));
const count = <T>(length: number, each: (i: number) => T) => Array.from({ length }, (_, i) => each(i));
const laughs = () => count(9, (i) => `<!ENTITY lol${i + 1} "${`&lol${i};`.repeat(10)}">`).join("");
const utf16 = () => Buffer.from(`\uFEFF${urlset(ENTRY)}`, "utf16le");

/** Each index names other ones. */
function deeper(socket: Socket, request: Buffer): void {
  file(() => index(`/sitemap.xml?${Math.random()}`, `/sitemap.xml?${Math.random()}`))(socket, request);
}

const ROWS: readonly Row[] = [
  ["a billion laughs", file(() => doctype(laughs(), loc("&lol9;"), ENTRY)), 1, ENTITIES],
  ["an external entity", file(() => doctype('<!ENTITY xx SYSTEM "file:///x">', loc("/&xx;"))), 0, ENTITIES],
  ["a doctype elsewhere", file(() => `<!DOCTYPE urlset SYSTEM "http://10.0.0.1/">${urlset(ENTRY)}`), 1, null],
  ["sixty thousand pages", file(() => urlset(...count(60_000, (i) => loc(`/${i}`)))), 50_000, FULL],
  ["an index of itself", file(() => index("/sitemap.xml", "/sitemap.xml#a", "./sitemap.xml")), 0, null],
  ["indexes without end", deeper, 0, /expected at most 3 levels of indexes/],
  ["thousands of files", file(() => index(...count(2_000, (i) => `?${i}`))), 0, /\d+ sitemaps, got more/],
  ["an index of strangers", file(() => index(...FOREIGN)), 0, /its own domain, got http:\/\/169\.254/],
  ["raw ampersands", file(() => urlset(loc("/?a&b"))), 1, /got a raw "&" in 1 place$/],
  ["prefixed names", file(() => "<s:urlset><s:url><s:loc>/a</s:loc></s:url></s:urlset>"), 1, null],
  ["gzip", file(() => zipped(ENTRY), "Content-Type: text/plain"), 1, null],
  ["gzip in gzip", file(twice), 1, null],
  ["gzip by file and by header", file(twice, "Content-Encoding: gzip"), 1, null],
  ["gzip only by header", file(() => urlset(ENTRY), "Content-Encoding: gzip"), 0, CODING],
  ["a coding in layers", file(twice, "Content-Encoding: gzip, gzip"), 0, CODING],
  ["a bomb", file(() => gzipSync(Buffer.alloc(60 * 1024 * 1024, " "))), 0, BIG],
  ["a depth of 100,000", file(() => `<urlset>${"<a>".repeat(100_000)}`), 0, /at most 32 nested elements/],
  ["nothing", file(() => ""), 0, /got an empty file/],
  ["no entries", file(() => urlset()), 0, /expected entries, got none/],
  ["a page", file(() => "<!doctype html><html><p>Not here"), 0, /expected <urlset> or .+, got <html>/],
  ["endless entries", floods(`${OK}\r\n<urlset>`, ENTRY), 50_000, FULL],
  ["endless space", floods(`${OK}\r\n<urlset>`, " "), 0, BIG],
  ["an endless line", floods(`${OK}\r\n`, X), 0, BIG],
  ["an endless comment", floods(`${OK}\r\n<urlset><!--`, X), 0, /Max buffer length/],
  ["a drip", drips(`${OK}\r\n<urlset>`, " "), 0, LATE],
  ["UTF-16", file(utf16), 1, null],
  ["UTF-16 without a mark", file(() => utf16().subarray(2)), 1, null],
  ["CDATA, comments and space", file(() => urlset(loc("\n <![CDATA[/a]]><!-- b --> "))), 1, null],
  ["text", file(() => "/relative\nhttps://sitemap-text.test/a\nftp://x/y"), 1, /got 2 other lines/],
  ["a length that is too long", ends(PART, urlset(ENTRY)), 1, CUT_OFF],
  ["a reset", resets(PART), 0, CUT_OFF],
];

/** The table: each row is the sitemap of a host, at `/sitemap.xml`, and what becomes of it. */
export const HOSTILE_SITEMAPS: readonly HostileSitemap[] = ROWS.map(([name, behaviour, pages, warning]) => {
  const host = `sitemap-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.test`;
  return { name, host, behaviour, pages, warning, late: warning === LATE };
});
