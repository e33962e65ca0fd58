import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { MAX_ROBOTS_BYTES, parseRobots, parseRobotsInSlices } from "./robots.ts";
import { RobotsPattern } from "./robots-pattern.ts";

/** Whether `agent` may fetch `path` under these lines. */
function may(lines: string, path: string, agent = "FooBot"): boolean {
  return parseRobots(lines, agent).rules.check(path).allowed;
}

/** One row: the file, and the paths it allows and forbids. */
interface Row {
  readonly name: string;
  readonly file: string;
  readonly agent?: string;
  readonly allows?: readonly string[];
  readonly forbids?: readonly string[];
}

function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}

function rules(...all: string[]): string {
  return lines("user-agent: FooBot", ...all);
}

const GROUPS = lines(
  "allow: /foo/bar/",
  "",
  "user-agent: FooBot",
  "disallow: /",
  "allow: /x/",
  "user-agent: BarBot",
  "disallow: /",
  "allow: /y/",
  "",
  "",
  "allow: /w/",
  "user-agent: BazBot",
  "",
  "user-agent: FooBot",
  "allow: /z/",
  "disallow: /",
);

const FISH = [
  "/fish",
  "/fish.html",
  "/fish/salmon.html",
  "/fishheads",
  "/fishheads/yummy.html",
  "/fish.html?id=anything",
];
const NO_FISH = ["/bar", "/Fish.asp", "/catfish", "/?id=fish"];

/** The cases of google/robotstxt's robots_test.cc, the reference implementation beside RFC 9309. */
const GOOGLE: readonly Row[] = [
  { name: "an empty file allows everything", file: "", allows: ["/", "/x/y"] },
  {
    name: "a field without its colon is forgiven",
    file: "user-agent FooBot\ndisallow /\n",
    forbids: ["/x/y"],
  },
  { name: "other fields say nothing", file: "foo: FooBot\nbar: /\n", allows: ["/x/y"] },
  {
    name: "groups of one agent are one group",
    file: GROUPS,
    allows: ["/x/b", "/z/d"],
    forbids: ["/y/c", "/foo/bar/"],
  },
  {
    name: "a group ends at the next agent",
    file: GROUPS,
    agent: "BarBot",
    allows: ["/y/c", "/w/a"],
    forbids: ["/z/d", "/foo/bar/"],
  },
  {
    name: "agents in a row share a group",
    file: GROUPS,
    agent: "BazBot",
    allows: ["/z/d"],
    forbids: ["/foo/bar/"],
  },
  ...["FooBot", "BarBot"].map((agent) => ({
    name: `a Sitemap line does not end the names of a group (${agent})`,
    file: lines("User-agent: BarBot", "Sitemap: https://foo.bar/sitemap", "User-agent: *", "Disallow: /"),
    agent,
    forbids: ["/"],
  })),
  ...["FooBot", "BarBot"].map((agent) => ({
    name: `an unknown line does not end the names of a group (${agent})`,
    file: lines("User-agent: FooBot", "Invalid-Unknown-Line: unknown", "User-agent: *", "Disallow: /"),
    agent,
    forbids: ["/"],
  })),
  ...["USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n", "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n"].map(
    (file) => ({
      name: `field names have no case (${file.slice(0, 10)})`,
      file,
      allows: ["/x/y"],
      forbids: ["/a/b"],
    }),
  ),
  ...["Foo", "foo", "FOO"].flatMap((agent) =>
    ["FOO BAR", "foo bar", "FoO bAr"].map((name) => ({
      name: `agent ${agent} obeys the first word of "${name}"`,
      file: `User-Agent: ${name}\nAllow: /x/\nDisallow: /\n`,
      agent,
      allows: ["/x/y"],
      forbids: ["/a/b"],
    })),
  ),
  {
    name: "a name with a space is no product token",
    file: lines("User-Agent: *", "Disallow: /", "User-Agent: Foo Bar", "Allow: /x/", "Disallow: /"),
    agent: "Foo Bar",
    forbids: ["/x/y"],
  },
  {
    name: "an own group silences the group of all",
    file: lines("user-agent: *", "allow: /", "user-agent: FooBot", "disallow: /"),
    forbids: ["/x/y"],
  },
  {
    name: "without an own group the group of all holds",
    file: lines("user-agent: *", "allow: /", "user-agent: FooBot", "disallow: /"),
    agent: "BarBot",
    allows: ["/x/y"],
  },
  {
    name: "without either everything is allowed",
    file: lines("user-agent: FooBot", "allow: /", "user-agent: BarBot", "disallow: /"),
    agent: "QuxBot",
    allows: ["/x/y"],
  },
  { name: "paths have case", file: rules("disallow: /X/"), allows: ["/x/y"], forbids: ["/X/y"] },
  {
    name: "the longer rule decides: disallow",
    file: rules("disallow: /x/page.html", "allow: /x/"),
    forbids: ["/x/page.html"],
  },
  {
    name: "the longer rule decides: allow",
    file: rules("allow: /x/page.html", "disallow: /x/"),
    allows: ["/x/page.html"],
    forbids: ["/x/"],
  },
  { name: "empty rules say nothing", file: rules("disallow: ", "allow: "), allows: ["/x/page.html"] },
  { name: "among equals allow wins", file: rules("disallow: /", "allow: /"), allows: ["/x/page.html"] },
  {
    name: "a slash makes a rule longer",
    file: rules("disallow: /x", "allow: /x/"),
    forbids: ["/x"],
    allows: ["/x/"],
  },
  {
    name: "a wildcard rule may be the longer one",
    file: rules("allow: /page", "disallow: /*.html"),
    forbids: ["/page.html"],
    allows: ["/page"],
  },
  {
    name: "or the shorter one",
    file: rules("allow: /x/page.", "disallow: /*.html"),
    allows: ["/x/page.html"],
    forbids: ["/x/y.html"],
  },
  {
    name: "the group of all does not add to an own one",
    file: lines("User-agent: *", "Disallow: /x/", "User-agent: FooBot", "Disallow: /y/"),
    allows: ["/x/page"],
    forbids: ["/y/page"],
  },
  {
    name: "a query may hold a URL",
    file: rules("Disallow: /", "Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par"),
    allows: ["/foo/bar?qux=taz&baz=http://foo.bar?tar&par"],
  },
  {
    name: "a rule in UTF-8 matches the encoded path",
    file: rules("Disallow: /", "Allow: /foo/bar/ツ"),
    allows: ["/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"],
  },
  {
    name: "an encoded rule matches the encoded path",
    file: rules("Disallow: /", "Allow: /foo/bar/%E3%83%84"),
    allows: ["/foo/bar/%E3%83%84"],
  },
  {
    name: "an encoded letter is that letter",
    file: rules("Disallow: /", "Allow: /foo/bar/%62%61%7A"),
    allows: ["/foo/bar/%62%61%7A", "/foo/bar/baz"],
  },
  {
    name: "a star in the middle",
    file: rules("Disallow: /foo/bar/quz", "Allow: /foo/*/qux"),
    forbids: ["/foo/bar/quz"],
    allows: ["/foo/quz", "/foo//quz", "/foo/bax/quz"],
  },
  {
    name: "a dollar at the end",
    file: rules("Disallow: /foo/bar$", "Allow: /foo/bar/qux"),
    forbids: ["/foo/bar"],
    allows: ["/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"],
  },
  {
    name: "comments",
    file: rules("# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"),
    allows: ["/foo/bar"],
    forbids: ["/foo/quz"],
  },
  { name: "/fish", file: rules("disallow: /", "allow: /fish"), allows: FISH, forbids: NO_FISH },
  { name: "/fish*", file: rules("disallow: /", "allow: /fish*"), allows: FISH, forbids: NO_FISH },
  {
    name: "/fish/",
    file: rules("disallow: /", "allow: /fish/"),
    allows: ["/fish/", "/fish/salmon", "/fish/?salmon", "/fish/?id=anything"],
    forbids: ["/bar", "/fish", "/fish.html", "/Fish/Salmon.html"],
  },
  {
    name: "/*.php",
    file: rules("disallow: /", "allow: /*.php"),
    allows: [
      "/filename.php",
      "/folder/filename.php",
      "/folder/filename.php?parameters",
      "//folder/any.php.file.html",
      "/filename.php/",
      "/index?f=filename.php/",
    ],
    forbids: ["/bar", "/php/", "/index?php", "/windows.PHP"],
  },
  {
    name: "/*.php$",
    file: rules("disallow: /", "allow: /*.php$"),
    allows: ["/filename.php", "/folder/filename.php"],
    forbids: [
      "/bar",
      "/filename.php?parameters",
      "/filename.php/",
      "/filename.php5",
      "/php/",
      "/filename?php",
      "/aaaphpaaa",
      "//windows.PHP",
    ],
  },
  {
    name: "/fish*.php",
    file: rules("disallow: /", "allow: /fish*.php"),
    allows: ["/fish.php", "/fishheads/catfish.php?parameters"],
    forbids: ["/bar", "/Fish.PHP"],
  },
  {
    name: "a shorter allow beside a shorter disallow",
    file: rules("allow: /p", "disallow: /"),
    allows: ["/page"],
  },
  { name: "equal folders", file: rules("allow: /folder", "disallow: /folder"), allows: ["/folder/page"] },
  {
    name: "the extension rule is longer",
    file: rules("allow: /page", "disallow: /*.htm"),
    forbids: ["/page.htm"],
  },
  {
    name: "the home page alone",
    file: rules("allow: /$", "disallow: /"),
    allows: ["/"],
    forbids: ["/page.html"],
  },
];

test.each(GOOGLE)("Google: $name", ({ file, agent, allows = [], forbids = [] }) => {
  for (const path of allows) expect([path, may(file, path, agent)]).toEqual([path, true]);
  for (const path of forbids) expect([path, may(file, path, agent)]).toEqual([path, false]);
});

/**
 * Cases of robots_test.cc in which we differ, and why. They test leniency of Google's own, or a function that takes
 * any text for a URL: ours come from the URL parser, are absolute and have their percent-encoding.
 */
test.each<Row & { readonly why: string }>([
  {
    name: "index.html is the directory",
    why: "Google alone reads `/x/index.html` as `/x/`; to the RFC a path is a path",
    file: lines("User-Agent: *", "Allow: /allowed-slash/index.html", "Disallow: /"),
    allows: ["/allowed-slash/index.html"],
    forbids: ["/allowed-slash/", "/allowed-slash/index.htm", "/anyother-url"],
  },
  {
    name: "a letter that a rule has encoded and the path has not",
    why: "Google's comparison is of texts; section 2.2.2 wants unreserved characters decoded",
    file: rules("Disallow: /", "Allow: /foo/bar/%62%61%7A"),
    allows: ["/foo/bar/baz", "/foo/bar/%62%61%7A"],
  },
  {
    name: "a path that is not encoded",
    why: "Google leaves that to its caller; our caller encodes, and a path that comes raw means the same",
    file: rules("Disallow: /", "Allow: /foo/bar/ツ"),
    allows: ["/foo/bar/ツ"],
  },
  {
    name: "no agent and no URL",
    why: "Google allows an empty agent everything and an empty URL nothing; we have a token, and URLs have a path",
    file: rules("disallow: /"),
    agent: "",
    allows: ["/"],
  },
  {
    name: "a byte order mark in the middle of the file",
    why: "Google takes the line for garbage; two files that were joined mean what they say, and more is forbidden",
    file: "User-agent: FooBot\n\uFEFFDisallow: /x\n",
    forbids: ["/x"],
  },
])("unlike Google: $name", ({ file, agent, allows = [], forbids = [] }) => {
  for (const path of allows) expect([path, may(file, path, agent)]).toEqual([path, true]);
  for (const path of forbids) expect([path, may(file, path, agent)]).toEqual([path, false]);
});

test("Google: what is left of a long Allow line counts as well", () => {
  const long = (letter: string) => `/x/${letter.repeat(16_663 - "allow: /x/".length)}`;
  const file = rules("disallow: /", `allow: ${long("a")}/qux`, `allow: ${long("b")}/qux`);
  expect(may(file, "/")).toBe(false);
  expect(may(file, `${long("a")}/qux`)).toBe(true);
  expect(may(file, `${long("b")}/fux`)).toBe(true);
});

test("Google: a line is cut after 16,663 characters, and what is left of it counts", () => {
  const long = `/x/${"a".repeat(16_663 - "disallow: /x/".length)}`;
  expect(may(rules(`disallow: ${long}/qux`), "/fux")).toBe(true);
  expect(may(rules(`disallow: ${long}/qux`), `${long}/fux`)).toBe(false);
});

test.each([
  ["LF", "\n"],
  ["CR LF", "\r\n"],
  ["CR", "\r"],
])("lines may end in %s, and their numbers stay right", (_, end) => {
  const file = ["User-Agent: foo", "Allow: /some/path", "User-Agent: bar", "", "", "Disallow: /"].join(end);
  expect(parseRobots(file, "bar").rules.check("/x").rule).toEqual({ line: 6, text: "Disallow: /" });
});

test("a byte order mark is skipped, also where two files were joined", () => {
  expect(may("\uFEFFUser-agent: FooBot\nDisallow: /\n", "/")).toBe(false);
  expect(may("User-agent: FooBot\n\uFEFFDisallow: /\n", "/")).toBe(false);
});

/** RFC 9309 section 5.1. */
const EXAMPLE = lines(
  "User-Agent: *",
  "Disallow: *.gif$",
  "Disallow: /example/",
  "Allow: /publications/",
  "",
  "User-Agent: foobot",
  "Disallow:/",
  "Allow:/example/page.html",
  "Allow:/example/allowed.gif",
  "",
  "User-Agent: barbot",
  "User-Agent: bazbot",
  "Disallow: /example/page.html",
  "",
  "User-Agent: quxbot",
);

/** What RFC 9309 says, by its sections; what it says of fetching is in fetch-robots.test.ts. */
test.each<Row>([
  {
    name: "2.2.1: a product token is found whatever its case",
    file: lines("User-agent: EXAMPLEbot", "Disallow: /foo"),
    agent: "ExampleBot",
    forbids: ["/foo"],
  },
  {
    name: "2.2.1: all groups of a crawler are one",
    file: lines(
      "user-agent: ExampleBot",
      "disallow: /foo",
      "disallow: /bar",
      "user-agent: ExampleBot",
      "disallow: /baz",
    ),
    agent: "ExampleBot",
    forbids: ["/foo", "/bar", "/baz"],
    allows: ["/"],
  },
  {
    name: "2.2.1: all groups of * are one",
    file: lines(
      "user-agent: *",
      "disallow: /foo",
      "user-agent: OtherBot",
      "disallow: /",
      "user-agent: *",
      "disallow: /bar",
    ),
    forbids: ["/foo", "/bar"],
    allows: ["/"],
  },
  {
    name: "2.2.1: where no group is meant, no rules apply",
    file: lines("user-agent: FooBotNews", "disallow: /", "user-agent: Foo", "disallow: /"),
    allows: ["/"],
  },
  {
    name: "2.2.2: the match with the most octets decides",
    file: rules("allow: /example/page/", "disallow: /example/page/disallowed.gif"),
    allows: ["/example/page/", "/example/page/a.gif"],
    forbids: ["/example/page/disallowed.gif"],
  },
  { name: "2.2.2: among equal ones Allow", file: rules("disallow: /a", "allow: /a"), allows: ["/a"] },
  { name: "2.2.2: a path without a match is allowed", file: rules("disallow: /a"), allows: ["/b", "/A"] },
  {
    name: "2.2.2: robots.txt itself is allowed",
    file: rules("disallow: /"),
    allows: ["/robots.txt"],
    forbids: ["/"],
  },
  { name: "2.2.2: an empty rule matches nothing", file: rules("disallow:"), allows: ["/"] },
  {
    name: "2.2.3: # begins a comment",
    file: rules("disallow: /a # b", "#disallow: /"),
    forbids: ["/a"],
    allows: ["/b"],
  },
  {
    name: "2.2.3: $ is the end",
    file: rules("disallow: /this/path/exactly$"),
    forbids: ["/this/path/exactly"],
    allows: ["/this/path/exactly/"],
  },
  {
    name: "2.2.3: * is anything",
    file: rules("disallow: /this/*/exactly"),
    forbids: ["/this/x/y/exactly", "/this//exactly-not"],
    allows: ["/this/exactly"],
  },
  {
    name: "2.2.4: other records end no group",
    file: lines(
      "user-agent: FooBot",
      "sitemap: /s.xml",
      "host: a.example",
      "user-agent: BarBot",
      "disallow: /a",
    ),
    forbids: ["/a"],
  },
  {
    name: "5.1: the group of *",
    file: EXAMPLE,
    agent: "other",
    forbids: ["/a.gif", "/example/x"],
    allows: ["/a.gif?x", "/publications/"],
  },
  {
    name: "5.1: the group of one",
    file: EXAMPLE,
    agent: "foobot",
    forbids: ["/", "/example/"],
    allows: ["/example/page.html", "/example/allowed.gif"],
  },
  {
    name: "5.1: a group of two",
    file: EXAMPLE,
    agent: "bazbot",
    forbids: ["/example/page.html"],
    allows: ["/example/", "/a.gif"],
  },
  {
    name: "5.1: a group without rules",
    file: EXAMPLE,
    agent: "quxbot",
    allows: ["/", "/example/page.html", "/a.gif"],
  },
  {
    name: "reserved characters stay encoded",
    file: rules("disallow: /foo/bar?baz=https://foo.bar"),
    forbids: ["/foo/bar?baz=https://foo.bar"],
  },
  {
    name: "an encoded star is a star",
    file: rules("disallow: /path/file-with-a-%2A.html"),
    forbids: ["/path/file-with-a-*.html", "/path/file-with-a-%2a.html"],
    allows: ["/path/file-with-a-b.html"],
  },
  {
    name: "an encoded dollar is a dollar",
    file: rules("disallow: /path/foo-%24"),
    forbids: ["/path/foo-$", "/path/foo-%24x"],
    allows: ["/path/foo-"],
  },
  {
    name: "a dollar before the end is a dollar",
    file: rules("disallow: /a$b"),
    forbids: ["/a$b", "/a%24bc"],
    allows: ["/a"],
  },
  { name: "a star matches an encoded star", file: rules("disallow: /a*c"), forbids: ["/a*c", "/abc"] },
])("RFC 9309: $name", ({ file, agent, allows = [], forbids = [] }) => {
  for (const path of allows) expect([path, may(file, path, agent)]).toEqual([path, true]);
  for (const path of forbids) expect([path, may(file, path, agent)]).toEqual([path, false]);
});

test("robots.txt itself may always be read", () => {
  expect(may(rules("Disallow: /"), "/robots.txt")).toBe(true);
  expect(may(rules("Disallow: /"), "/robots.txt?x")).toBe(false);
});

test("says which line decided, and why not", () => {
  const group = parseRobots(
    lines("# ours", "User-agent: *", "Disallow: /admin/  # secret", "Allow: /admin/help"),
    "Bee",
  ).rules;
  expect(group.check("/admin/x")).toEqual({
    allowed: false,
    rule: { line: 3, text: "Disallow: /admin/" },
    reason: "robots.txt line 3: Disallow: /admin/",
  });
  expect(group.check("/admin/help")).toEqual({
    allowed: true,
    rule: { line: 4, text: "Allow: /admin/help" },
    reason: null,
  });
  expect(group.check("/")).toEqual({ allowed: true, rule: null, reason: null });
});

test("agents are matched by their product token, whatever follows it", () => {
  const file = lines(
    "User-agent: BlueBandedBee/1.0 (+https://bee.example)",
    "Disallow: /",
    "",
    "User-agent: * # all",
    "Disallow:",
  );
  expect(may(file, "/", "bluebandedbee")).toBe(false);
  expect(may(file, "/", "BlueBanded")).toBe(true);
});

test("misspelt fields are understood", () => {
  expect(may("useragent: FooBot\ndissallow: /a\ndisalow: /b\n", "/a")).toBe(false);
  expect(may("useragent: FooBot\ndissallow: /a\ndisalow: /b\n", "/b")).toBe(false);
});

test.each([
  ["Crawl-delay: 5", 5],
  ["Crawl-delay: 0.5", 0.5],
  ["Crawl-Delay: 2 # please", 2],
  ["crawldelay: 3", 3],
  ["Crawl-delay: Infinity", null],
  ["Crawl-delay: -1", null],
  ["Crawl-delay: 5s", null],
  ["Crawl-delay: 99999999999999999999", 86_400],
  ["Crawl-delay:", null],
  ["Crawl-delay: 1e9", null],
])("%s means %p", (line, delay) => {
  expect(parseRobots(rules(line), "FooBot").rules.crawlDelay).toBe(delay);
});

test("the Crawl-delay of the own group counts, the longest where there are several", () => {
  const file = lines(
    "User-agent: *",
    "Crawl-delay: 9",
    "Disallow: /a",
    "User-agent: FooBot",
    "Crawl-delay: 2",
    "Disallow: /b",
    "User-agent: FooBot",
    "Crawl-delay: 4",
  );
  expect(parseRobots(file, "FooBot").rules.crawlDelay).toBe(4);
  expect(parseRobots(file, "BarBot").rules.crawlDelay).toBe(9);
});

test("a Crawl-delay between two names is for the one before it", () => {
  const file = lines("User-agent: FooBot", "Crawl-delay: 2", "User-agent: *", "Disallow: /a");
  expect(parseRobots(file, "FooBot").rules.crawlDelay).toBe(2);
  expect(parseRobots(file, "BarBot").rules.crawlDelay).toBeNull();
});

test("Sitemap lines count wherever they stand", () => {
  const file = lines(
    "Sitemap: https://a.example/1.xml",
    "User-agent: FooBot",
    "sitemap:https://a.example/2.xml",
    "Disallow: /",
    "SITEMAP : /3.xml",
    "site-map: 4.xml",
  );
  expect(parseRobots(file, "FooBot").sitemaps).toEqual([
    "https://a.example/1.xml",
    "https://a.example/2.xml",
    "/3.xml",
    "4.xml",
  ]);
});

test("reads 500 KiB and no more", () => {
  const padding = `${"#".repeat(1_023)}\n`.repeat(500);
  expect(padding).toHaveLength(MAX_ROBOTS_BYTES);
  expect(may(`${rules("Disallow: /a")}${padding}Disallow: /b\n`, "/a")).toBe(false);
  expect(may(`${padding}${rules("Disallow: /b")}`, "/b")).toBe(true);
  const cutInTwo = `${padding.slice(0, -"user-agent: FooBot\nDisallow: /".length)}${rules("Disallow: /admin")}`;
  expect(may(cutInTwo, "/")).toBe(true);
});

test("HTML, binary and bare names forbid nothing", () => {
  for (const file of [
    "<!doctype html><title>404</title>\n<p>Not: found</p>",
    "\0\u0001:\0",
    "User-agent: FooBot",
    ":\n: /\nDisallow: /",
    "User-agent: *\nconstructor: /\n__proto__: /",
  ]) {
    expect(may(file, "/")).toBe(true);
  }
});

/** Hostile or broken files; each path but the last is of a site whose sitemap was made for its robots.txt. */
const HOSTILE: readonly { readonly name: string; readonly file: string; readonly allowed: boolean }[] = [
  { name: "one rule of stars", file: rules(`Disallow: /${"*".repeat(16_000)}x`), allowed: true },
  {
    name: "a file of stars",
    file: rules(...Array.from({ length: 30 }, () => `Disallow: /${"*".repeat(16_000)}x`)),
    allowed: true,
  },
  {
    name: "letters between the stars",
    file: rules(...Array.from({ length: 30 }, () => `Disallow: /${"a*".repeat(8_000)}b`)),
    allowed: true,
  },
  {
    name: "the longest near misses",
    file: rules(...Array.from({ length: 450 }, () => `Disallow: /*${"a".repeat(1_000)}b`)),
    allowed: true,
  },
  {
    name: "as many plain rules as fit",
    file: rules(...Array.from({ length: 30_000 }, (_, i) => `Disallow: /${i}`)),
    allowed: true,
  },
  {
    name: "more rules with wildcards than can be tried",
    file: rules(...Array.from({ length: 40_000 }, (_, i) => `Disallow: /*aaaa${i}`)),
    allowed: false,
  },
  { name: "100,000 agents", file: "User-agent: a\n".repeat(100_000), allowed: true },
  { name: "a line of 10 MB", file: `User-agent: *\nDisallow: /${"x".repeat(10_000_000)}`, allowed: true },
  { name: "nothing but line ends", file: "\n".repeat(500_000), allowed: true },
];

/** Half a megabyte of stars blocks a backtracking matcher for a second per check (robots-parser 3.0.1). */
test.each(HOSTILE)("checks stay cheap: $name", ({ file, allowed }) => {
  const path = `/${"a".repeat(2_000)}`;
  const { rules: group } = parseRobots(file, "FooBot");
  const start = performance.now();
  for (let i = 0; i < 20; i++) expect(group.check(path).allowed).toBe(allowed);
  expect((performance.now() - start) / 20).toBeLessThan(100);
});

test.each(HOSTILE)(
  "a file is parsed in slices, others have their turn meanwhile: $name",
  async ({ file }) => {
    const lineCount = file.slice(0, MAX_ROBOTS_BYTES).split("\n").length - 1;
    let turns = 0;
    let parsed = false;
    const others = (async () => {
      for (; !parsed; turns++) await new Promise(setImmediate);
    })();
    const { rules: group } = await parseRobotsInSlices(file, "FooBot");
    parsed = true;
    await others;
    expect(turns).toBeGreaterThanOrEqual(Math.floor(lineCount / 1_024) - 1);
    expect(group.check("/usual/page.html")).toEqual(
      parseRobots(file, "FooBot").rules.check("/usual/page.html"),
    );
  },
);

test("with more wildcard rules than can be tried nothing that they may mean is fetched", () => {
  const many = rules(...Array.from({ length: 2_001 }, (_, i) => `Disallow: /shop/*/${i}`), "Allow: /shop/*$");
  expect(parseRobots(many, "FooBot").rules.check("/shop/x")).toEqual({
    allowed: false,
    rule: null,
    reason: "robots.txt has more than 2000 rules with wildcards that may be meant, so nobody can say",
  });
  expect(may(many, "/blog/x")).toBe(true);
});

/** The index against the definition: of all rules that match, the longest, and Allow among equals. */
test("the rule that decides is the longest that matches, however many there are", () => {
  const text = fc.stringMatching(/^\/[ab*$%/]{0,6}$/);
  const rule = fc.record({ field: fc.constantFrom("allow", "disallow"), value: text });
  void fc.assert(
    fc.property(fc.array(rule, { maxLength: 12 }), fc.stringMatching(/^\/[ab/]{0,8}$/), (all, path) => {
      const file = rules(...all.map(({ field, value }) => `${field}: ${value}`));
      const matching = all
        .map(({ field, value }) => ({ field, pattern: new RobotsPattern(value) }))
        .filter(({ pattern }) => pattern.matches(path));
      const longest = Math.max(...matching.map(({ pattern }) => pattern.octets));
      const strict = matching.filter(({ pattern }) => pattern.octets === longest);
      const allowed = strict.length === 0 || strict.some(({ field }) => field === "allow");
      expect(may(file, path)).toBe(allowed);
    }),
  );
});
