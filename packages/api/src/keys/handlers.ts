import { BeeError, show } from "@bee/core";
import { createKey, type KeyRecord, listKeys, revokeKey } from "@bee/store";
import type { Request, RequestHandler } from "express";
import * as z from "zod";
import { audited } from "../audit/audited.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery, validate } from "../http/validate.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";
import { keyRequestSchema } from "./key-request.ts";

export const keysQuery = z.strictObject({ limit: limitParameter, cursor: cursorOf(UUID) });

/** `GET /v1/keys`: all that were ever made, the newest first. */
export function listKeysHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor } = readQuery(request, keysQuery);
    const { page, nextCursor } = cutPage(await listKeys(db, { before: cursor, limit: limit + 1 }), limit);
    response.json({ keys: page, nextCursor });
  };
}

/** `POST /v1/keys`: the one answer that has the key's secret. */
export function createKeyHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { name, plan, ...bounds } = validate(keyRequestSchema, request.body, "the body");
    const expiresAt = bounds.expiresAt === undefined ? null : new Date(bounds.expiresAt);
    const { key, secret } = await audited(
      parts,
      response,
      { action: "key.create", target: "", detail: { name, plan, ...bounds } },
      () => createKey(parts.db, name, plan, { ...bounds, expiresAt }),
      ({ key }) => key.id,
    );
    response.status(201).json({ ...key, secret });
  };
}

/** `DELETE /v1/keys/:id`: the key, its sessions and those that read its jobs end at once. */
export function revokeKeyHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const id = readKeyId(request);
    const revoked = await audited(parts, response, { action: "key.revoke", target: id }, () =>
      revoke(parts, id),
    );
    response.json(revoked);
  };
}

async function revoke({ db }: Parts, id: string): Promise<KeyRecord> {
  const key = await revokeKey(db, id);
  if (key === undefined) throw noSuchKey(id);
  return key;
}

function readKeyId(request: Request): string {
  const id = String(request.params["id"]).toLowerCase();
  if (!UUID.test(id)) throw noSuchKey(id);
  return id;
}

function noSuchKey(id: string): BeeError {
  return new BeeError("not-found", `expected the id of a key, got ${show(id)}; GET /v1/keys lists them`);
}
