/** The longest reference that is looked for, `&CounterClockwiseContourIntegral;`, and a little more. */
const LOOKAHEAD = 40;

const REFERENCE = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});/y;

/**
 * Turns raw `&` in XML into `&amp;`. It is the commonest mistake in sitemaps, and to an XML parser a fatal one: after
 * `<loc>…?q=R&D</loc>` sax takes the end tag for text. CDATA is left alone, there a raw `&` is right.
 */
export class AmpersandMender {
  mended = 0;
  #tail = "";
  #inCdata = false;

  /** The mended text so far; the end of each piece is held back until it is clear what it begins. */
  mend(text: string, isLast = false): string {
    const input = this.#tail + text;
    const limit = isLast ? input.length : Math.max(0, input.length - LOOKAHEAD);
    let output = "";
    let at = 0;
    while (at < limit) {
      const next = this.#inCdata ? endOfCdata(input, at) : nextOf(input, at);
      if (next === -1 || next >= limit) {
        output += input.slice(at, limit);
        at = limit;
      } else {
        output += input.slice(at, next);
        const [raw, written] = this.#step(input, next);
        output += written;
        at = next + raw;
      }
    }
    this.#tail = input.slice(at);
    return output;
  }

  /** What stands at a place of interest: how long it is, and what to write for it. */
  #step(input: string, at: number): readonly [raw: number, written: string] {
    if (this.#inCdata) {
      this.#inCdata = false;
      return [3, "]]>"];
    }
    if (input[at] === "<") {
      this.#inCdata = true;
      return [9, "<![CDATA["];
    }
    REFERENCE.lastIndex = at;
    const reference = REFERENCE.exec(input)?.[0];
    if (reference !== undefined) return [reference.length, reference];
    this.mended++;
    return [1, "&amp;"];
  }
}

function endOfCdata(input: string, from: number): number {
  return input.indexOf("]]>", from);
}

/** The next `&` or beginning of CDATA; most pieces of most sitemaps have neither. */
function nextOf(input: string, from: number): number {
  const ampersand = input.indexOf("&", from);
  const cdata = input.slice(from, ampersand === -1 ? undefined : ampersand).indexOf("<![CDATA[");
  return cdata === -1 ? ampersand : from + cdata;
}
