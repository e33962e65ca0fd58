import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@bee/core";
import { aptDownload } from "./apt-download.ts";
import { runProgram } from "./launch.ts";
import { ownDirectory } from "./own-directory.ts";

/** What distributions call the package and its program, in the order of trying. */
const NAMES = ["redis-server", "valkey-server"];

/** The path of a program, or why there is none (the rest of a sentence). */
export type Unpacked = { readonly binary: string } | { readonly trouble: string };

/**
 * The distribution's Redis, unpacked below `cache` at the first call and found there later. Nothing is installed
 * and nothing outside `cache` is written, so it works for every user of the machine.
 */
export async function unpackRedis(cache: string, log: Log): Promise<Unpacked> {
  const directory = await ownDirectory("The search for Redis", cache);
  const home = join(directory, "redis");
  const binary = join(home, "redis");
  if (existsSync(binary)) return { binary };
  if (!(await runProgram({ command: "apt-get", args: ["--version"] })).ok)
    return { trouble: "there is no apt-get to fetch it with" };
  log.info("Fetching Redis from the packages of the distribution");
  const making = await mkdtemp(join(directory, "redis-"));
  try {
    const complaint = await aptDownload(NAMES, making);
    if (complaint !== undefined) return { trouble: `apt-get could not fetch it (${complaint})` };
    const root = join(making, "root");
    const trouble = (await unpack(join(making, "archives"), root)) ?? (await addStartScript(root));
    if (trouble !== undefined) return { trouble };
    await rename(root, home).catch(() => {}); // somebody else was faster: theirs is as good
    return { binary };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function unpack(archives: string, root: string): Promise<string | undefined> {
  for (const archive of await readdir(archives)) {
    if (!archive.endsWith(".deb")) continue;
    const args = ["-x", join(archives, archive), root];
    const { ok, output } = await runProgram({ command: "dpkg-deb", args });
    if (!ok) return `its package could not be unpacked (${output})`;
  }
  return undefined;
}

/** Adds the script that starts the server with the libraries beside it, wherever the cache may be moved to. */
async function addStartScript(root: string): Promise<string | undefined> {
  const programs = await readdir(join(root, "usr/bin"));
  const server = programs.find((name) => NAMES.includes(name));
  if (server === undefined) return `its package has no program ${NAMES.join(" or ")}`;
  const libraries = (await readdir(join(root, "usr/lib"))).filter((name) => name.includes("-linux-"));
  const lines = [
    "#!/bin/sh",
    `here=\${0%/*}`,
    `export LD_LIBRARY_PATH="${libraries.map((name) => `$here/usr/lib/${name}`).join(":")}"`,
    `exec "$here/usr/bin/${server}" "$@"`,
  ];
  const script = join(root, "redis");
  await writeFile(script, `${lines.join("\n")}\n`, { mode: 0o755 });
  const { ok, output } = await runProgram({ command: script, args: ["--version"] });
  return ok ? undefined : `the unpacked one does not run (${output})`;
}
