import { expect, test } from "@jest/globals";
import { wireJob, wireReport } from "../testing/wire-samples.ts";
import { hintsOf } from "./hints.ts";

const url = "https://garden.test:8080/";
const failure = "robots.txt could not be read: the TLS handshake failed (EPROTO)";
const lost = { url, status: null, reason: failure, foundOn: null };

test("a site that does not speak TLS may speak http", () => {
  const hint = ["If the site speaks http, try: bee warm http://garden.test:8080/"];
  expect(hintsOf(wireReport({ job: wireJob({ url, status: "failed", failure }) }))).toEqual(hint);
  expect(hintsOf(wireReport({ job: wireJob({ url }), unreachable: [lost] }))).toEqual(hint);
});

test("nor does one that refuses connections at the port of https", () => {
  const refused = "expected an answer from garden.test:8080, got: the connection was refused (ECONNREFUSED)";
  const hint = ["If the site speaks http, try: bee warm http://garden.test:8080/"];
  expect(hintsOf(wireReport({ job: wireJob({ url, status: "failed", failure: refused }) }))).toEqual(hint);
});

test("nothing is guessed of a site that fails otherwise, or that was asked for over http", () => {
  expect(
    hintsOf(wireReport({ job: wireJob({ url, failure: "the name does not exist (ENOTFOUND)" }) })),
  ).toEqual([]);
  expect(hintsOf(wireReport({ job: wireJob({ url: "http://garden.test/", failure }) }))).toEqual([]);
});
