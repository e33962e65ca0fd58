/** Pieces are written together until they are about this long: a socket write each would take most of the time. */
const CHUNK = 64 * 1_024;

/** The same text in fewer, longer pieces. */
export async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
