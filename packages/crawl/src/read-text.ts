import { TextDecoder } from "node:util";

/** What the first bytes of a text say of its encoding; without such a mark, UTF-8 (as robots.txt and sitemaps must be). */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
  // XML without a mark (XML 1.0 appendix F): the `<` that it begins with has a zero beside it.
  [[0x3c, 0x00], "utf-16le"],
  [[0x00, 0x3c], "utf-16be"],
];

function encodingOf(chunk: Uint8Array, fallback: string): string {
  return MARKS.find(([mark]) => mark.every((byte, at) => chunk[at] === byte))?.[1] ?? fallback;
}

/**
 * Decodes bytes to text, piece by piece: a character that is cut in two by a chunk comes out whole. A byte order mark is
 * obeyed and dropped; bytes that are no text become U+FFFD.
 */
export async function* decodeText(
  body: AsyncIterable<Uint8Array>,
  encoding = "utf-8",
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of body) {
    decoder ??= decoderFor(encodingOf(chunk, encoding));
    yield decoder.decode(chunk, { stream: true });
  }
  if (decoder !== undefined) yield decoder.decode();
}

function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    // A charset that a server made up.
    return new TextDecoder();
  }
}

/** The first `maxLength` characters of a text. */
export async function readText(body: AsyncIterable<Uint8Array>, maxLength: number): Promise<string> {
  let text = "";
  for await (const piece of decodeText(body)) {
    text += piece;
    if (text.length >= maxLength) break;
  }
  return text.slice(0, maxLength);
}
