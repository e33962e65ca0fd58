import { expect, test } from "@jest/globals";
import { html, link } from "./markup.ts";

test.each([
  ["text", html`<p>${"a"}</p>`, "<p>a</p>"],
  ["a number", html`<p>${1_000}</p>`, "<p>1000</p>"],
  ["nothing", html`<p>${null}</p>`, "<p></p>"],
  ["markup in text", html`<p>${"<b>"}</p>`, "<p>&lt;b&gt;</p>"],
  [
    "the end of an attribute",
    html`<p title="${`" onclick="x' `}">`,
    `<p title="&quot; onclick=&quot;x&#39; ">`,
  ],
  ["an entity", html`<p>${"&lt;"}</p>`, "<p>&amp;lt;</p>"],
  ["a piece of HTML", html`<p>${html`<b>${"<"}</b>`}</p>`, "<p><b>&lt;</b></p>"],
  ["a list", html`<ul>${["<", html`<li>`, [1]]}</ul>`, "<ul>&lt;<li>1</ul>"],
  ["a mark that turns the line around", html`<p>${"a\u202eb"}</p>`, "<p>a\ufffdb</p>"],
  ["a backslash", html`<p>\u0041${"\\n"}</p>`, "<p>A\\n</p>"],
])("%s", (_what, markup, text) => {
  expect(markup.text).toBe(text);
});

test("an object that looks like a piece of HTML is none", () => {
  const forged = { text: "<script>" } as unknown as string;
  expect(() => html`${forged}`.text).toThrow();
});

test.each(["http://a.test/", "https://a.test/", "HTTPS://a.test/"])("%s is a link", (url) => {
  expect(link(url, "x").text).toBe(`<a href="${url}" rel="noopener noreferrer"><bdi>x</bdi></a>`);
});

test.each(["javascript:alert(1)", "data:text/html,x", "//a.test", " https://a.test", "java\nscript:x", ""])(
  "%j is no link",
  (url) => {
    expect(link(url, "x").text).toBe("<bdi>x</bdi>");
  },
);
