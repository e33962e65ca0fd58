import { silentLog } from "@bee/core";
import { type Admit, createHttpClient, type HttpAnswer, type HttpClient } from "@bee/crawl";
import { type Database, openDatabase } from "@bee/store";
import { freshDatabase, robotsTxt, startWeb, type TestStore, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { RobotsBook } from "./robots-book.ts";
import { JobStoppedError } from "./stopped-jobs.ts";

const HOSTS = ["once.test", "stopped.test", "broken.test"];

let store: TestStore;
let db: Database;
let web: Web;
let client: HttpClient;
let book: RobotsBook;

beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 2, name: "test", log: silentLog });
  const site = { pages: { "/robots.txt": robotsTxt("User-agent: *", "Disallow: /private") } };
  web = await startWeb({ hosts: Object.fromEntries(HOSTS.map((host) => [host, site])) });
  client = createHttpClient({
    userAgent: "Bee/1",
    allowPrivate: ["127.0.0.0/8"],
    resolve: [["*.test", "127.0.0.1"]],
  });
  book = new RobotsBook(db, client, "Bee");
});
afterAll(async () => {
  client.close();
  await web.stop();
  await db.destroy();
  await store.stop();
});

const admit: Admit = (_, request) => request();
const originOf = (host: string) => new URL(web.url(host)).origin;

test("many who ask at once cost one request", async () => {
  const entries = await Promise.all([1, 2, 3].map(() => book.of(originOf("once.test"), admit)));
  expect(entries.map(({ rules }) => rules.check("/private").allowed)).toEqual([false, false, false]);
  expect(web.logOf("once.test").entries).toHaveLength(1);
});

test("when the job that it is read for is stopped, one of those who wait reads it for all", async () => {
  const origin = originOf("stopped.test");
  const gate = Promise.withResolvers<HttpAnswer>();
  const atGate = Promise.withResolvers<void>();
  const first = book.of(origin, () => {
    atGate.resolve();
    return gate.promise;
  });
  await atGate.promise;
  const others = Promise.all([book.of(origin, admit), book.of(origin, admit)]);
  gate.reject(new JobStoppedError());
  await expect(first).rejects.toThrow(JobStoppedError);
  expect((await others).map(({ record }) => record.status)).toEqual(["found", "found"]);
  expect(web.logOf("stopped.test").entries).toHaveLength(1);
});

test("what else went wrong is wrong for all who wait", async () => {
  const origin = originOf("broken.test");
  const failing: Admit = () => Promise.reject(new Error("the circuit is open"));
  const readings = await Promise.allSettled([book.of(origin, failing), book.of(origin, admit)]);
  expect(readings.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(web.logOf("broken.test").entries).toHaveLength(0);
});
