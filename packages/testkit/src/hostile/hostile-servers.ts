import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Outcome } from "@bee/core";
import { type Behaviour, behindTls, drips, ends, floods, resets, says } from "./behaviour.ts";
import { EXPIRED, SELF_SIGNED, VALID } from "./certificates.ts";

/** One way to misbehave, and what must become of a page that is served so. */
export interface HostileServer {
  readonly name: string;
  readonly host: string;
  readonly scheme: "http" | "https";
  readonly behaviour: Behaviour;
  readonly outcome: Outcome;
  /** Part of the reason; null where there is nothing to say. */
  readonly reason: RegExp | null;
  /** Whether it ends only at the deadline. */
  readonly late: boolean;
}

type Verdict = readonly [outcome: Outcome, reason: RegExp | null];
type Row = readonly [name: string, behaviour: Behaviour, verdict: Verdict];

/** Must be given a private address by whoever runs the table. */
export const INNER_HOST = "inner.a-redirect-inward.test";

const FINE: Verdict = ["ok", null];
const GOES_ON: Verdict = ["ok", /the body goes on after \d+ bytes, where reading stopped/];
const LATE: Verdict = ["unreachable", /expected an? (complete )?answer from .+ within .+ s, got none/];
const CUT_OFF: Verdict = ["unreachable", /the connection was cut off/];
const SHORT: Verdict = ["unreachable", /a body of another length than announced|cut off/];
const NO_HTTP: Verdict = ["unreachable", /got: what is not HTTP/];
const LARGE: Verdict = ["unreachable", /got: headers of more than 16 KiB/];
const NO_TLS: Verdict = ["unreachable", /the TLS handshake failed/];
const NO_TRUST: Verdict = ["unreachable", /its certificate is not trusted/];
const EXPIRY: Verdict = ["unreachable", /its certificate (has expired|is not trusted)/];
const OTHER_NAME: Verdict = ["unreachable", /its certificate is (for another name|not trusted)/];
const BROKEN: Verdict = ["broken", /^answered (404|403|302|999)/];
const CIRCLE: Verdict = ["broken", /^redirects in a circle/];
const NOWHERE: Verdict = ["broken", /^redirects to what is no web address/];
const AWAY: Verdict = ["ok", /^redirects to another domain: http:\/\/169/];

const MIB = 1024 * 1024;
const X = "x".repeat(64 * 1024);
const HINT = "HTTP/1.1 103 Early Hints\r\n\r\n";
const UPGRADE = "101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade";
const PAGE = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
const CHUNKED = `${PAGE}Transfer-Encoding: chunked\r\n\r\n`;
const DONE = `${PAGE}Content-Length: 2\r\n\r\nok`;
const FOUND = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n";

const page = (...headers: readonly string[]) => `${PAGE}${headers.map((it) => `${it}\r\n`).join("")}\r\n`;
const status = (line: string) => `HTTP/1.1 ${line}\r\n\r\n`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const to = (location: string) => says(`${FOUND}Location: ${location}\r\n\r\n`);

/** A body in a coding, packed when it is first asked for. */
function coded(coding: string, pack: () => Buffer, line = "HTTP/1.1 200 OK"): Behaviour {
  let body: Buffer | undefined;
  return (socket) => {
    body ??= pack();
    socket.write(`${line}\r\nContent-Type: text/html\r\nContent-Encoding: ${coding}\r\n`);
    socket.write(`Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
}

const zeros = () => Buffer.alloc(20 * MIB);
const bomb = () => gzipSync(zeros());
const matryoshka = () =>
  Array.from({ length: 50 }).reduce<Buffer>((body) => gzipSync(body), Buffer.from("x"));
const plain = () => Buffer.from("plain");

/** Each page leads to another one. */
function elsewhere(socket: Socket, request: Buffer): void {
  to(`/${socket.bytesRead}`)(socket, request);
}

const BODIES: readonly Row[] = [
  ["an endless body", floods(page(), X), GOES_ON],
  ["an endless body in chunks", floods(CHUNKED, chunk(X)), GOES_ON],
  ["an endless body in chunks of one byte", floods(CHUNKED, chunk("x")), GOES_ON],
  ["an endless body of a 404", floods(status("404 Not Found"), X), BROKEN],
  ["an endless body of a 403", floods(status("403 Forbidden"), X), BROKEN],
  ["a body that drips", drips(page("Content-Length: 9999")), LATE],
  ["a body that stops", says(page("Content-Length: 9999"), "x"), LATE],
  ["chunks that drip", drips(CHUNKED, chunk("x")), LATE],
  ["a chunk size that drips", drips(`${CHUNKED}0`, "0"), LATE],
  ["a bomb of gzip", coded("gzip", bomb), FINE],
  ["a bomb of brotli", coded("br", () => brotliCompressSync(zeros())), FINE],
  ["a bomb of deflate", coded("deflate", bomb), FINE],
  ["a bomb behind a 403", coded("gzip", bomb, "HTTP/1.1 403 Forbidden"), BROKEN],
  ["gzip in fifty layers", coded(Array(50).fill("gzip").join(", "), matryoshka), FINE],
  ["gzip that is cut off", coded("gzip", () => gzipSync(X).subarray(0, 50)), FINE],
  ["gzip that is none", coded("gzip", plain), FINE],
  ["a coding nobody asked for", coded("zstd", plain), FINE],
  ["a coding with the name of a property", coded("__proto__", plain), FINE],
  ["a body shorter than announced", ends(page("Content-Length: 999"), "x"), SHORT],
  ["a body longer than announced", ends(page("Content-Length: 1"), X), FINE],
  ["two different lengths", ends(page("Content-Length: 1", "Content-Length: 2"), "xx"), NO_HTTP],
  ["a negative length", ends(page("Content-Length: -1"), "x"), NO_HTTP],
  ["a length that is no number", ends(page("Content-Length: many"), "x"), NO_HTTP],
  ["a length of 10^30", ends(page(`Content-Length: 1${"0".repeat(30)}`), "x"), NO_HTTP],
  ["a length of a petabyte", ends(page("Content-Length: 1000000000000000"), "x"), SHORT],
  ["a length and chunks", ends(page("Content-Length: 1", "Transfer-Encoding: chunked"), chunk("")), NO_HTTP],
  ["chunks without a size", ends(`${CHUNKED}zz\r\nx\r\n`), NO_HTTP],
  ["a chunk of 2^64 bytes", ends(`${CHUNKED}10000000000000000\r\nx`), NO_HTTP],
  ["a chunk of a negative size", ends(`${CHUNKED}-1\r\nx\r\n`), NO_HTTP],
  ["chunks without an end", ends(CHUNKED, chunk("x")), CUT_OFF],
  ["an endless chunk extension", floods(`${CHUNKED}1;`, "a=b;"), NO_HTTP],
  ["endless trailers", floods(`${CHUNKED}0\r\n`, "x: y\r\n"), LARGE],
  ["a reset in the body", resets(page("Content-Length: 999")), SHORT],
  ["a 204 with a body", ends(status("204 No Content"), "body"), FINE],
  ["a 304 with a body", ends(status("304 Not Modified\r\nContent-Length: 4"), "body"), FINE],
  ["a 304 with an endless body", floods(status("304 Not Modified"), X), FINE],
  ["two answers to one request", says(DONE, DONE), FINE],
  ["garbage after the answer", says(DONE, "\0\xff garbage"), FINE],
  ["a flood after the answer", floods(DONE, X), FINE],
];

const HEADS: readonly Row[] = [
  ["silence", says(), LATE],
  ["an end before the answer", ends(), CUT_OFF],
  ["a reset before the answer", resets(), CUT_OFF],
  ["a status line that stops", says("HTTP/1.1 2"), LATE],
  ["headers that drip", drips(`${PAGE}x: `), LATE],
  ["headers that never end", floods(PAGE, "x: y\r\n"), LARGE],
  ["a header that never ends", floods(`${PAGE}x: `, X), LARGE],
  ["a header of 20 KB", ends(page(`x: ${"x".repeat(20_000)}`)), LARGE],
  ["a header name of 20 KB", ends(page(`${"x".repeat(20_000)}: x`)), LARGE],
  ["a header without a colon", ends(page("nonsense")), NO_HTTP],
  ["a header with a NUL", ends(page("x: a\0b")), NO_HTTP],
  ["a space before a colon", ends(page("Content-Length : 1"), "x"), NO_HTTP],
  ["a folded header", ends(page("x: a", " b")), NO_HTTP],
  ["two thousand cookies", ends(page(...Array(2_000).fill("Set-Cookie: a"))), LARGE],
  ["a thousand cookies", ends(page(...Array(1_000).fill("Set-Cookie: a"))), FINE],
  ["headers named like properties", ends(page("__proto__: a", "constructor: b", "toString: c")), FINE],
  ["HTTP/0.9", ends("<html>old</html>"), NO_HTTP],
  ["HTTP/2 unasked", says(Buffer.from("000012040000000000000300000064", "hex")), NO_HTTP],
  ["HTTP of another version", ends("HTTP/9.9 200 OK\r\n\r\n"), NO_HTTP],
  ["a mail server", ends("220 mail.example ESMTP\r\n"), NO_HTTP],
  ["a status of 99", ends(status("099 Low")), ["unreachable", /a last answer of status 99/]],
  ["a status of 999", ends(status("999 High")), BROKEN],
  ["a status of 20000", ends(status("20000 OK")), NO_HTTP],
  ["a status that is no number", ends(status("abc OK")), NO_HTTP],
  ["a status text of 60 KB", ends(status(`200 ${"x".repeat(60_000)}`)), LARGE],
  ["another protocol", says(status(UPGRADE)), ["unreachable", /\(101\)/]],
  ["a 101 without an upgrade", says(status("101 X")), ["unreachable", /a last answer of status 101/]],
  ["some early hints", ends(HINT, HINT, HINT, DONE), FINE],
  ["early hints without end", floods("", HINT), ["unreachable", /more than 100 interim answers/]],
  ["early hints that drip", drips("", HINT), LATE],
  ["a 100 and no more", says(status("100 Continue")), LATE],
];

const REDIRECTS: readonly Row[] = [
  ["a redirect to itself", to("/"), CIRCLE],
  ["a redirect with an endless body", floods(status("302 Found\r\nLocation: /"), X), CIRCLE],
  ["a redirect whose body drips", drips(status("302 Found\r\nLocation: /\r\nContent-Length: 99")), CIRCLE],
  ["redirects without end", elsewhere, ["broken", /^redirects more than 5 times/]],
  ["a redirect without a place", says(`${FOUND}\r\n`), BROKEN],
  ["a redirect to a place of 10 KB", to(`/${"x".repeat(10_000)}`), NOWHERE],
  ["a redirect to a script", to("javascript:alert(1)"), NOWHERE],
  ["a redirect to a file", to("file:///etc/passwd"), NOWHERE],
  ["a redirect with a password", to("http://user:pw@example.com/"), NOWHERE],
  ["a redirect to a metadata address", to("http://169.254.169.254/latest/meta-data/"), AWAY],
  ["a redirect to a metadata address in decimal", to("//2852039166/"), AWAY],
  ["a redirect inward", to(`http://${INNER_HOST}/`), ["unreachable", /a public address, got inner/]],
];

const TLS: readonly Row[] = [
  ["an expired certificate", behindTls(EXPIRED, ends(DONE)), EXPIRY],
  ["a certificate for another name", behindTls(VALID, ends(DONE)), OTHER_NAME],
  ["a certificate signed by itself", behindTls(SELF_SIGNED, ends(DONE)), NO_TRUST],
  ["silence behind TLS", behindTls(VALID, says()), LATE],
  ["a TLS handshake that hangs", says(), LATE],
  ["a TLS handshake that drips", drips("\x16\x03\x03\x40\x00", "\x02"), LATE],
  ["a TLS handshake that ends", ends(), CUT_OFF],
  ["a TLS handshake that is reset", resets(), CUT_OFF],
  ["HTTP in place of TLS", ends(DONE), NO_TLS],
  ["a flood in place of TLS", floods("", X), NO_TLS],
];

/** The table: each row is a server, and a promise about the pages that it serves. */
export const HOSTILE_SERVERS: readonly HostileServer[] = [
  ...[...BODIES, ...HEADS, ...REDIRECTS].map((row) => serverOf("http", row)),
  ...TLS.map((row) => serverOf("https", row)),
];

function serverOf(scheme: "http" | "https", [name, behaviour, verdict]: Row): HostileServer {
  const host = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.test`;
  const [outcome, reason] = verdict;
  return { name, host, scheme, behaviour, outcome, reason, late: verdict === LATE };
}
