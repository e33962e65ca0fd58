import { PassThrough, type Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type AnswerHeaders, headerOf } from "@bee/core";
import { FetchError } from "./fetch-error.ts";

/** Decoded bytes per step: fewer, larger steps than zlib's 16 KiB, and still a bounded piece of a bomb. */
const CHUNK = 64 * 1024;

/** A body may end early, at our cap or by the server; what came until then is still worth reading. */
const ZLIB = { chunkSize: CHUNK, finishFlush: constants.Z_SYNC_FLUSH };

const DECODERS: Readonly<Record<string, () => Transform>> = {
  "": () => new PassThrough(),
  identity: () => new PassThrough(),
  gzip: () => createGunzip(ZLIB),
  "x-gzip": () => createGunzip(ZLIB),
  deflate: () => createInflate(ZLIB),
  br: () => createBrotliDecompress({ chunkSize: CHUNK, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};

/**
 * What turns a body from the wire into its content. For a coding that was not asked for, and for stacked ones (50 layers
 * of gzip make 2 MB of 1 KB), it is a stream that says so to whoever reads it.
 */
export function bodyDecoder(headers: AnswerHeaders): Transform {
  const coding = (headerOf(headers, "content-encoding") ?? "").toLowerCase();
  const create = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  return create === undefined ? refusal(coding) : create();
}

function refusal(coding: string): Transform {
  const got = JSON.stringify(coding.slice(0, 80));
  const message = `expected a body in one of the codings gzip and br, got ${got}`;
  return new PassThrough().destroy(new FetchError("protocol", message));
}
