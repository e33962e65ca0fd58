import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Run, runProgram } from "./launch.ts";

/**
 * Fetches the first of these packages that the distribution has, with those of its dependencies that this machine
 * lacks, into `directory/archives`. Undefined when that went well; else what apt-get had to say.
 */
export async function aptDownload(names: readonly string[], directory: string): Promise<string | undefined> {
  await mkdir(join(directory, "lists", "partial"), { recursive: true });
  await mkdir(join(directory, "archives", "partial"), { recursive: true });
  // Its exit code says little: one source out of reach, or a hook of the system that wants root, fails it.
  await aptGet(directory, ["update"]);
  let complaint = "";
  for (const name of names) {
    const { ok, output } = await aptGet(directory, ["install", "--download-only", "-y", name]);
    if (ok) return undefined;
    complaint ||= output.match(/^E: .*/m)?.[0] ?? output;
  }
  return complaint;
}

/** apt-get with lists and archives of its own, so that it needs neither root nor the locks of the system. */
function aptGet(directory: string, args: string[]): Promise<Run> {
  const settings = {
    "Dir::State::lists": join(directory, "lists"),
    "Dir::Cache": directory,
    "Dir::Cache::archives": join(directory, "archives"),
    "Debug::NoLocking": "1",
    "APT::Install-Recommends": "0",
    "APT::Sandbox::User": "root", // as root it would else become a user who may not enter our directory
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "20",
    "Acquire::https::Timeout": "20",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return runProgram({ command: "apt-get", args: ["-q", ...options, ...args] });
}
