import { BeeError, expecting, rateRuleSchema, ruleFor, show, within } from "@bee/core";
import { type BreakerView, readBreaker } from "@bee/queue";
import {
  type Domain,
  dropOperatorRule,
  getDomain,
  listDomains,
  pauseDomain,
  resumeDomain,
  setOperatorRule,
} from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { audited } from "../audit/audited.ts";
import { callerOf, scopeOf } from "../http/caller.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery, validate } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { tellFleet } from "../tell-fleet.ts";
import { readDomainName } from "./domain-name.ts";
import { type DomainView, toDomainView } from "./domain-view.ts";

/** What stands in names of hosts, addresses included. */
const NAME = /^[^\s\0]{1,253}$/;

/** The rest of the answer needs no Redis, and does not wait for one that is silent. */
const BREAKER_PATIENCE_MS = 1_000;

export const domainsQuery = z.strictObject({
  q: z
    .string()
    .regex(NAME, { error: expecting("a part of a host name") })
    .transform((text) => text.toLowerCase())
    .optional(),
  limit: limitParameter,
  cursor: cursorOf(NAME),
});

/** `GET /v1/domains`: to a user those of its jobs, for the names of others' domains are theirs. */
export function listDomainsHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { q, limit, cursor } = readQuery(request, domainsQuery);
    const keyId = scopeOf(callerOf(response));
    const domains = await listDomains(db, { keyId, q, after: cursor, limit: limit + 1 });
    const entries = domains.map((domain) => ({ id: domain.name, view: toDomainView(domain) }));
    const { page, nextCursor } = cutPage(entries, limit);
    response.json({ domains: page.map(({ view }) => view), nextCursor });
  };
}

/** `GET /v1/domains/:domain` */
export function showDomainHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json(await showDomain(parts, readDomainName(request), scopeOf(callerOf(response))));
  };
}

/** `PUT /v1/domains/:domain/rule`: also for a domain that the fleet has not met yet. */
export function setRuleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const name = readDomainName(request);
    const rule = validate(rateRuleSchema, request.body, "the body");
    const deed = { action: "rule.set", target: name, detail: rule } as const;
    const { inForce, release } = await audited(parts, response, deed, () =>
      setOperatorRule(parts.db, name, rule),
    );
    await tellFleet(parts, { type: "rule-changed", domain: name, inForce }, release);
    response.json(await showDomain(parts, name));
  };
}

/** `DELETE /v1/domains/:domain/rule`: what holds without the operator's rule holds again. */
export function dropRuleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { name, platform } = await findDomain(parts, readDomainName(request));
    const rule = ruleFor(name, parts.config.rules, platform);
    const deed = { action: "rule.drop", target: name } as const;
    const { inForce, release } = await audited(parts, response, deed, () =>
      dropOperatorRule(parts.db, name, rule),
    );
    await tellFleet(parts, { type: "rule-changed", domain: name, inForce }, release);
    response.json(await showDomain(parts, name));
  };
}

/** `POST /v1/domains/:domain/pause` */
export function pauseDomainHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { name } = await findDomain(parts, readDomainName(request));
    const deed = { action: "domain.pause", target: name } as const;
    await audited(parts, response, deed, () => pauseDomain(parts.db, name));
    await tellFleet(parts, { type: "domain-paused", domain: name });
    response.json(await showDomain(parts, name));
  };
}

/** `POST /v1/domains/:domain/resume` */
export function resumeDomainHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { name } = await findDomain(parts, readDomainName(request));
    const deed = { action: "domain.resume", target: name } as const;
    const { release } = await audited(parts, response, deed, () => resumeDomain(parts.db, name));
    await tellFleet(parts, { type: "domain-resumed", domain: name }, release);
    response.json(await showDomain(parts, name));
  };
}

/** With its breaker, which is asked of Redis; null while that is away. */
async function showDomain(
  parts: Parts,
  name: string,
  keyId?: string,
): Promise<DomainView & { breaker: BreakerView | null }> {
  const view = toDomainView(await findDomain(parts, name, keyId));
  const breaker = await within(BREAKER_PATIENCE_MS, "Redis", readBreaker(parts.redis, name)).catch(
    () => null,
  );
  return { ...view, breaker };
}

/** @throws BeeError `not-found`, in the same words for a domain that only others have jobs of. */
async function findDomain({ db }: Parts, name: string, keyId?: string): Promise<Domain> {
  const domain = await getDomain(db, name, keyId);
  if (domain !== undefined) return domain;
  const whose = keyId === undefined ? "that the fleet has met" : "of a job of this key";
  throw new BeeError(
    "not-found",
    `expected a domain ${whose}, got ${show(name)}; GET /v1/domains lists them`,
  );
}
