import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "@jest/globals";

const MODULE = JSON.stringify(join(import.meta.dirname, "execute.mjs"));

/** A process that executes a program, which is this script text with `process` to play with. */
function executing(script: string): ChildProcess {
  const wrapper = `
    import { execute } from ${MODULE};
    execute(process.execPath, ["--eval", ${JSON.stringify(script)}, "an argument"], {});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", wrapper], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function endOf(child: ChildProcess): Promise<[number | null, string | null]> {
  const [code, signal] = await once(child, "exit");
  return [code, signal];
}

/** Waits until the program inside says something, and returns it. */
async function lineOf(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface(child.stdout!), "line");
  return line;
}

const HOLD = 'console.log("up"); setInterval(() => {}, 1000);';

test("passes on the arguments, the output and the exit code", async () => {
  const child = executing("console.log(process.argv[1]); process.exitCode = 3;");
  const [line, end] = await Promise.all([lineOf(child), endOf(child)]);
  expect(line).toBe("an argument");
  expect(end).toEqual([3, null]);
});

test("dies of the signal that the program died of", async () => {
  const child = executing('process.kill(process.pid, "SIGKILL");');
  expect(await endOf(child)).toEqual([null, "SIGKILL"]);
});

test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)(
  "leaves it to the program what %s means",
  async (signal) => {
    const child = executing(`process.once("${signal}", () => process.exit(7)); ${HOLD}`);
    const ended = endOf(child);
    await lineOf(child);
    child.kill(signal);
    expect(await ended).toEqual([7, null]);
  },
);

test("dies of SIGTERM when the program does", async () => {
  const child = executing(HOLD);
  const ended = endOf(child);
  await lineOf(child);
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
});

test("a program whose parent was killed ends as if it had been told to", async () => {
  const child = executing(`process.once("SIGTERM", () => { console.log("told"); process.exit(); }); ${HOLD}`);
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("up");
  child.kill("SIGKILL");
  expect((await lines.next()).value).toBe("told");
  expect((await lines.next()).done).toBe(true);
});

test("what the program forks does not inherit that: it would end while it waits for its work", async () => {
  const child = executing('console.log(process.execArgv.includes("--import"));');
  expect(await lineOf(child)).toBe("false");
});
