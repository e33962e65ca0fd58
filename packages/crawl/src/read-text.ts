import { TextDecoder } from "node:util";

/** What the first bytes of a text say of its encoding; without such a mark, what XML declares, else UTF-8. */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
  // XML without a mark (XML 1.0 appendix F): the `<` that it begins with has a zero beside it.
  [[0x3c, 0x00], "utf-16le"],
  [[0x00, 0x3c], "utf-16be"],
];

/** Where an XML file names its encoding: in its first line, whose characters are ASCII in all encodings but UTF-16. */
const DECLARED = /^<\?xml\s[^>]*?encoding\s*=\s*["'](?!utf-16)([\w.:-]+)["']/i;
const DECLARATION_BYTES = 200;

function encodingOf(chunk: Uint8Array, fallback: string): string {
  const marked = MARKS.find(([mark]) => mark.every((byte, at) => chunk[at] === byte))?.[1];
  const start = Buffer.from(chunk.subarray(0, DECLARATION_BYTES)).toString("latin1");
  return marked ?? DECLARED.exec(start)?.[1] ?? fallback;
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
