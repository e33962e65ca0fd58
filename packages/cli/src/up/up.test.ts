import { once } from "node:events";
import { type DemoSite, startDemoSite } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { WireFleet, WireJob, WireReport } from "../client/wire.ts";
import { bee, ended, spawnBee } from "../testing/bee.ts";
import { FleetUnderTest, Home } from "../testing/fleet-under-test.ts";
import { survivors } from "../testing/processes.ts";

// One fleet in the order of its life: started, used, hurt, stopped. A fleet takes seconds to start, so the tests share it.
jest.setTimeout(60_000);

let home: Home;
let fleet: FleetUnderTest;
let site: DemoSite;

beforeAll(async () => {
  home = new Home(200);
  site = await startDemoSite({ originDelayMs: 0, slowMs: 900 });
  fleet = new FleetUnderTest(home);
  await fleet.ready;
});

afterAll(async () => {
  fleet.kill("SIGTERM");
  await fleet.exited;
  await site.stop();
  home.remove();
});

async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr, code } = await home.bee(...args, "--json");
  if (code === 2) throw new Error(stderr);
  return JSON.parse(stdout);
}

test("runs the API, the scaler and three workers as processes of their own", async () => {
  const pids = [fleet.pid, ...fleet.pidsOf("api"), ...fleet.pidsOf("scaler"), ...fleet.pidsOf("worker")];
  expect(new Set(pids).size).toBe(6);
  const { workers, current } = await json<WireFleet>("fleet");
  expect(current).toBe(3);
  expect(workers.map(({ pid }) => pid).sort()).toEqual(fleet.pidsOf("worker").sort());
});

test("warm --json reports what the demo site expects, to the page, and fails on what is broken", async () => {
  const { stdout, stderr, code } = await home.bee("warm", site.url, "--json");
  const { summary, ...report }: WireReport = JSON.parse(stdout);
  const { expected } = site;
  const { none: _alsoOfOtherPages, ...firstRun } = expected.firstRun;
  expect(summary).toMatchObject({ pages: expected.pages, outcomes: expected.outcomes, cache: firstRun });
  expect(sorted(report.broken.map(({ url, status }) => `${status} ${url}`))).toEqual(
    sorted(expected.broken.map(({ url, status }) => `${status} ${url}`)),
  );
  expect(sorted(report.disallowed.map(({ url }) => url))).toEqual(sorted(expected.disallowed));
  expect(sorted(report.redirects.map(({ url }) => url))).toEqual(sorted(expected.redirected));
  expect(sorted(report.uncacheable.flatMap(({ examples }) => examples))).toEqual(
    sorted(expected.uncacheable),
  );
  expect(report.slow.map(({ url }) => url)).toEqual(expected.slow);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\n\nFailed on 4 broken\n$/);
});

test("away from a terminal, progress is told in plain lines", async () => {
  const { stderr, code } = await home.bee("warm", site.url, "--fail-on", "nothing");
  expect(code).toBe(0);
  const [first, ...progress] = stderr.trimEnd().split("\n");
  expect(first).toMatch(/^Job [0-9a-f-]{36}, tier normal: http:\/\/garden\.test:\d+\/$/);
  expect(progress.length).toBeGreaterThan(0);
  for (const line of progress) {
    expect(line).toMatch(
      /^(?:the job is pending|reading robots\.txt and sitemaps|reading sitemaps, \d+ pages? so far.*|\d+ of \d+ pages, .*)$/,
    );
  }
});

test("a second run finds the cache warm; its table says so", async () => {
  const [newest] = (await json<{ jobs: WireJob[] }>("jobs", "--limit", "1")).jobs;
  const { stdout } = await home.bee("report", newest!.id);
  expect(stdout).toMatch(
    /^checked 95 of 97; 0 blocked; 0 not reachable\nhttp:\S+ {2}completed in .*\nsince the job of .* UTC: 0 new, 0 fixed, 4 still there\n\nBroken {2}4 {2}the site answered with an error\n/,
  );
  expect(stdout).toContain(`Already warm  ${site.expected.secondRun["already-warm"]}\n`);
  expect(stdout).not.toContain("…"); // nothing is cut in a pipe
});

test("jobs, job and fleet are readable; a report is what the API makes of it", async () => {
  const [newest] = (await json<{ jobs: WireJob[] }>("jobs")).jobs;
  const [jobs, job, state, csv, junit, html] = await Promise.all([
    home.bee("jobs"),
    home.bee("job", newest!.id),
    home.bee("fleet"),
    home.bee("report", newest!.id, "--format", "csv"),
    home.bee("report", newest!.id, "--format", "junit"),
    home.bee("report", newest!.id, "--format", "html"),
  ]);
  expect(jobs.stdout).toContain(`${newest!.id}  completed  97/97    4`);
  expect(job.stdout).toContain("  pages      97 of 97 done\n");
  expect(state.stdout).toMatch(/^3 workers, 3 wanted, \d+ of 600 slots busy\n/);
  expect(csv.stdout.trimEnd().split("\n")).toHaveLength(98);
  expect(junit.stdout.match(/<testcase /g)).toHaveLength(98);
  expect(junit.stdout).toMatch(/<\/testsuites>\n$/);
  expect(html.stdout).toContain('<h1 class="broken">4 pages are broken.</h1>');
  expect(html.stdout).toMatch(/<\/html>\n$/);
});

test("warm fails on what it is asked to fail on", async () => {
  site.purge();
  const failOn = async (finding: string) => {
    const { code, stderr } = await home.bee("warm", site.url, "--fail-on", finding);
    return { code, found: /^Failed on (.*) \(--fail-on\)$/m.exec(stderr)?.[1] };
  };
  const { outcomes, uncacheable, slow } = site.expected;
  // By itself, while the cache is cold: of a page that comes from the cache nobody can tell that it is slow.
  expect(await failOn("slow")).toEqual({ code: 1, found: `${slow.length} slow` });
  expect(await failOn("uncacheable")).toMatchObject({ code: 1, found: `${uncacheable.length} uncacheable` });
  expect(await failOn("unproven,disallowed")).toMatchObject({
    code: 1,
    found: `${outcomes.disallowed} disallowed`,
  });
  expect(await failOn("blocked,unreachable,unproven")).toMatchObject({ code: 0 });
});

const UNKNOWN = "00000000-0000-7000-8000-000000000000";
const UNKNOWN_JOB = new RegExp(
  `^bee: expected the id of a job that this key may see, got ${UNKNOWN}; .* lists them\\n$`,
);

test("what the API refuses is told in one line, with exit code 2", async () => {
  const [newest] = (await json<{ jobs: WireJob[] }>("jobs")).jobs;
  const cases: [string[], RegExp][] = [
    [["job", UNKNOWN], UNKNOWN_JOB],
    [["job", UNKNOWN, "--cancel"], UNKNOWN_JOB],
    [["report", UNKNOWN], UNKNOWN_JOB],
    [["report", UNKNOWN, "--format", "csv"], UNKNOWN_JOB],
    [["job", newest!.id, "--cancel"], /^bee: cannot cancel: expected a job that has not ended, .*\n$/],
    [["warm", "http://169.254.169.254/"], /^bee: expected a public address, got 169\.254\.169\.254; .*\n$/],
    [["jobs", "--key", "bee_wrong"], /^bee: expected a valid API key, .*\n$/],
  ];
  const ends = await Promise.all(cases.map(([args]) => home.bee(...args)));
  for (const [i, { code, stdout, stderr }] of ends.entries()) {
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(cases[i]![1]),
    });
  }
});

test("keys create prints a key that works, and sees only its own jobs", async () => {
  const { stdout, code } = await home.bee("keys", "create", "--name", "ci", "--plan", "premium");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^bee_[\w-]{43}\n$/);
  const jobs = await bee(["jobs"], { ...home.variables, BEE_KEY: stdout.trim() });
  expect(jobs).toMatchObject({ code: 0, stdout: "No jobs yet. Warm a site: bee warm https://example.com\n" });
});

test("a second fleet in the same directory is refused and changes nothing", async () => {
  const { code, stdout, stderr } = await bee(["up"], { ...home.variables, BEE_PORT: "0" });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    new RegExp(
      `^bee: expected ${home.dataDir} to be free, got a fleet that runs in it: process ${fleet.pid} .*\\n$`,
    ),
  );
  expect((await json<WireFleet>("fleet")).current).toBe(3);
});

test("a worker that is killed is replaced; nobody else notices", async () => {
  const [victim, ...others] = fleet.pidsOf("worker");
  const [api, scaler] = [fleet.pidsOf("api"), fleet.pidsOf("scaler")];
  const replaced = fleet.nextReady("worker");
  process.kill(victim!, "SIGKILL");
  const { process: replacement } = await replaced;
  expect(fleet.pidsOf("worker")).toEqual([...others, replacement.pid]);
  expect([fleet.pidsOf("api"), fleet.pidsOf("scaler")]).toEqual([api, scaler]);
});

test("an API that is killed is started again at its port; who follows a job waits for it", async () => {
  const workers = fleet.pidsOf("worker");
  site.purge();
  const follower = spawnBee(["warm", site.url, "--fail-on", "nothing"], home.variables);
  const following = ended(follower);
  await once(follower.stderr!, "data");
  const restarted = fleet.nextReady("api");
  process.kill(fleet.pidsOf("api")[0]!, "SIGKILL");
  await restarted;
  expect((await following).code).toBe(0);
  expect(fleet.pidsOf("worker")).toEqual(workers);
});

test("a scaler that is killed is started again; its workers go on", async () => {
  const workers = fleet.pidsOf("worker");
  const restarted = fleet.nextReady("scaler");
  process.kill(fleet.pidsOf("scaler")[0]!, "SIGKILL");
  await restarted;
  expect(fleet.pidsOf("worker")).toEqual(workers);
});

test("Ctrl-C ends everybody, the stores last, with exit code 0", async () => {
  const family = fleet.family();
  expect(family.length).toBeGreaterThanOrEqual(8);
  const before = fleet.lines.length;
  fleet.kill("SIGINT");
  expect(await fleet.exited).toBe(0);
  expect(await survivors(family)).toEqual([]);
  const lines = fleet.lines.slice(before);
  const stopped = lines.filter(({ message }) => message === "stopped").map((line) => line.process.name);
  expect([...new Set(stopped)]).toEqual(["api", "worker", "scaler", "up"]);
  // The second scaler has adopted the workers of the first: it was it that asked them to stop.
  const asked = lines.filter((line) => line.message === "stopping" && line.process.name === "worker");
  expect(asked.map(({ reason }) => reason)).toEqual(["SIGTERM", "SIGTERM", "SIGTERM"]);
});

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort();
}
