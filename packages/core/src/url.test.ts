import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { BeeError } from "./errors.ts";
import { canonicalUrl, MAX_URL_LENGTH, parseTarget } from "./url.ts";

/** Each row is one page, however it is written. */
test.each([
  [
    "http://example.com/",
    [
      "HTTP://EXAMPLE.com:80/a/..",
      "http://example.com",
      "http://example.com/#top",
      "http://example.com./",
      "http:\\\\example.com\\",
      " http://example.com/\n",
    ],
  ],
  [
    "https://example.com/b",
    ["https://example.com:443/a/../b?#f".replace("?", ""), "https://example.com/%62"],
  ],
  [
    "https://xn--bcher-kva.example/",
    ["https://bücher.example", "https://BÜCHER.example/", "https://xn--bcher-kva.example"],
  ],
  ["https://example.com/~a?b=%2F", ["https://example.com/%7Ea?b=%2f", "https://example.com/%7ea?b=%2F"]],
  ["https://example.com/%E3%83%84", ["https://example.com/ツ", "https://example.com/%e3%83%84"]],
  ["http://127.0.0.1/", ["http://2130706433/", "http://0x7f.1", "http://①②⑦.⓪.⓪.①"]],
])("%s", (canonical, spellings) => {
  for (const text of [canonical, ...spellings]) expect([text, canonicalUrl(text)]).toEqual([text, canonical]);
});

test("an empty query is none", () => {
  expect(canonicalUrl("https://example.com/a?")).toBe("https://example.com/a");
});

test("what differs to a server stays different", () => {
  const urls = ["/a", "/A", "/a/", "/a?b", "/a?b=", "/a%2Fb", "/a/b", "/a%20b", "/a+b"];
  const canonical = urls.map((url) => canonicalUrl(`https://example.com${url}`));
  expect(new Set(canonical).size).toBe(urls.length);
});

test("a relative URL is resolved", () => {
  expect(canonicalUrl("../c?d#e", "https://example.com/a/b/")).toBe("https://example.com/a/c?d");
  expect(canonicalUrl("//b.example/x", "https://example.com/")).toBe("https://b.example/x");
  expect(canonicalUrl("/no-base")).toBeNull();
});

test.each([
  ...[
    "",
    "example.com",
    "ftp://example.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "gopher://x/",
  ],
  ...[
    "http://",
    "http://[",
    "http://a b/",
    "http://user@example.com/",
    "http://user:pw@example.com/",
    "http://:pw@example.com/",
  ],
  ...[
    "https://example.com:99999/",
    `https://example.com/${"x".repeat(MAX_URL_LENGTH)}`,
    `https://example.com/${"ツ".repeat(500)}`,
    "http://\0/",
    "http://999.1.1.1/",
    "http://[fe80::1%25eth0]/",
    "http://[::1",
    "http://1.2.3.4.5/",
    "http://0x100000000/",
    "http://example.com../",
    "http://example..com/",
    "http://.example.com/",
    "http://./",
    `http://${"a".repeat(64)}.com/`,
    `http://${"a.".repeat(127)}com/`,
  ],
])("%p is no page", (text) => {
  expect(canonicalUrl(text)).toBeNull();
});

test("is a fixed point, and never throws", () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.webUrl({ withFragments: true, withQueryParameters: true })),
      (text) => {
        const canonical = canonicalUrl(text);
        if (canonical !== null) expect(canonicalUrl(canonical)).toBe(canonical);
      },
    ),
  ));

test.each([
  [{ domain: "example.com" }, "https://example.com/"],
  [{ domain: " Example.COM " }, "https://example.com/"],
  [{ domain: "[2001:db8::1]" }, "https://[2001:db8::1]/"],
  [{ url: "http://example.com/a?b#c" }, "http://example.com/a?b"],
])("the target of %j is %s", (target, href) => {
  expect(parseTarget(target).href).toBe(href);
});

test.each([
  [{}, "got an empty text"],
  [{ url: "  " }, "got an empty text"],
  [{ url: "example.com" }, 'expected an absolute URL such as https://example.com/, got "example.com"'],
  [{ url: "ftp://example.com" }, 'expected http: or https:, got "ftp:"'],
  [{ url: "http://u:p@example.com" }, "without user name and password"],
  [{ url: "http://example..com/" }, 'expected a host name such as example.com, got "example..com"'],
  [{ domain: `${"a".repeat(64)}.com` }, "expected a host name such as example.com, got"],
  [{ url: `http://example.com/${"x".repeat(100_000)}` }, "expected at most 2048 characters, got 100019"],
  [{ url: `http://example.com/${"ツ".repeat(500)}` }, "expected at most 2048 characters once encoded"],
  [{ domain: "" }, "expected a host name such as example.com, got an empty text"],
  [
    { domain: "x.de:80" },
    'such as example.com, without a port, got "x.de:80"; a site at a port is named by its url',
  ],
  [{ domain: "x.de:443" }, "without a port"],
  [{ domain: "[2001:db8::1]:80" }, "without a port"],
  [{ domain: "example.com/path" }, 'expected a host name such as example.com, got "example.com/path"'],
  [{ domain: "https://example.com" }, "expected a host name"],
  [{ domain: "user@example.com" }, "expected a host name"],
  [{ domain: "a b" }, "expected a host name"],
])("%j is refused with a reason", (target, reason) => {
  expect(() => parseTarget(target)).toThrow(
    expect.objectContaining({ code: "invalid-url", message: expect.stringContaining(reason) }),
  );
});

test("a long text is quoted in part", () => {
  expect.assertions(1);
  try {
    parseTarget({ domain: `${"x".repeat(1_000)}/` });
  } catch (error) {
    expect((error as BeeError).message.length).toBeLessThan(200);
  }
});
