import { pipeline } from "node:stream";
import { constants, createGunzip } from "node:zlib";

/** A file that was packed before it was packed; what lies deeper is not worth looking for. */
const LAYERS = 2;

/**
 * Unpacks a body that is gzip by its first two bytes (1f 8b), and passes any other on. Names and headers are no help: a
 * `.xml.gz` may come unpacked, packed, or packed twice, by its file and by Content-Encoding.
 */
export async function* gunzipIfZipped(body: AsyncIterable<Buffer>, layers = LAYERS): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  const whole = join(start, chunks);
  const isZipped = layers > 0 && start[0] === 0x1f && start[1] === 0x8b;
  yield* isZipped ? gunzipIfZipped(gunzip(whole), layers - 1) : whole;
}

async function* join(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (start.length > 0) yield start;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // Cut off by a cap or by the server, what came until then still counts.
  const unpacked = createGunzip({ chunkSize: 64 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
  // Errors of either end come out of the iteration below.
  pipeline(packed, unpacked, () => {});
  yield* unpacked;
}
