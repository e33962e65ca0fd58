import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { AmpersandMender } from "./ampersands.ts";

function mend(...pieces: string[]): string {
  const mender = new AmpersandMender();
  return pieces.map((piece) => mender.mend(piece)).join("") + mender.mend("", true);
}

test.each([
  ["?a=1&b=2", "?a=1&amp;b=2"],
  ["?q=R&D</loc>", "?q=R&amp;D</loc>"],
  ["&", "&amp;"],
  ["&&amp;&", "&amp;&amp;&amp;"],
  ["&amp; &lt; &#38; &#x26; &eacute;", "&amp; &lt; &#38; &#x26; &eacute;"],
  ["&copy=1", "&amp;copy=1"],
  ["&#xzz; &#; &;", "&amp;#xzz; &amp;#; &amp;;"],
  ["<loc><![CDATA[?a&b]]></loc>&", "<loc><![CDATA[?a&b]]></loc>&amp;"],
  ["<![CDATA[a]]]]><![CDATA[>&]]>", "<![CDATA[a]]]]><![CDATA[>&]]>"],
  ["<![CDATA[never closed &", "<![CDATA[never closed &"],
])("%s becomes %s", (raw, mended) => {
  expect(mend(raw)).toBe(mended);
});

const parts = fc.constantFrom(
  ...["&", "&amp;", "&b=", "<![CDATA[", "]]>", "]", "<loc>", "x".repeat(50), ";", "&#38;", "&lt"],
);

test("it does not matter where the text is cut", () =>
  fc.assert(
    fc.property(fc.array(parts), fc.array(fc.nat({ max: 400 })), (all, cuts) => {
      const text = all.join("");
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
      expect(mend(...pieces)).toBe(mend(text));
    }),
  ));
