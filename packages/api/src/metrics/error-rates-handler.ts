import { listErrorRates } from "@bee/store";
import type { RequestHandler } from "express";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

const DOMAINS = 20;

/** `GET /v1/fleet/errors`: the domains that most pages failed of, in the jobs of the last day. */
export function errorRatesHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const rates = await listErrorRates(db, DOMAINS);
    response.json({
      domains: rates.map(({ domain, failed, pages }) => {
        return { domain, failed, pages, errorRate: Math.round((1_000 * failed) / pages) / 1_000 };
      }),
    });
  };
}
