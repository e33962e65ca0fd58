import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BEE = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

/** Quick for a test, and slow enough for its end to be watched. */
const RULE = { requestsPerSecond: 40, burst: 10, concurrency: 10 };

/** `bee up` as people start it, for the sites of this machine. */
export interface LiveFleet {
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

export async function startLiveFleet(): Promise<LiveFleet> {
  const dataDir = mkdtempSync(join(tmpdir(), "bee-console-"));
  writeFileSync(join(dataDir, "rules.json"), JSON.stringify({ default: RULE }));
  const child = spawn(process.execPath, [BEE, "up"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...withoutOurs(process.env),
      BEE_DATA_DIR: dataDir,
      BEE_PORT: "0",
      BEE_ALLOW_PRIVATE: "127.0.0.0/8",
      BEE_RESOLVE: "*.test=127.0.0.1",
      BEE_RULES: join(dataDir, "rules.json"),
      BEE_MONITOR_INTERVAL: "1s",
      BEE_LOG_LEVEL: "error",
    },
  });
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  const url = await urlOf(child, ended);
  return {
    url,
    key: readFileSync(join(dataDir, "admin-key"), "utf8").trim(),
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Where the console is, once the fleet says that it is up. */
async function urlOf(child: ChildProcess, ended: Promise<void>): Promise<string> {
  const up = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const url = /^\s*API\s+(http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const failed = ended.then(() => {
    throw new Error(`the fleet ended with ${child.exitCode}`);
  });
  return Promise.race([up, failed]);
}

function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(?:BEE_|DATABASE_URL$|REDIS_URL$)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}
