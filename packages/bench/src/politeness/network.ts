import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { monotonicMs, type Site, text } from "@bee/testkit";

export const PROBE_HOST = "probe.test";
const PROBE = fileURLToPath(new URL("network-probe.ts", import.meta.url));

/**
 * How long a request takes from its process to the target's log, on this machine and under this load. Two requests may
 * come closer together by as much, and no gate can keep that from them.
 */
export class Network {
  #lagsMs: number[] = [];
  readonly #asked = Promise.withResolvers<void>();
  #probe: ChildProcess | undefined;

  /** The site that the probe asks. */
  readonly site: Site = {
    pages: {},
    otherwise: ({ url }) => {
      this.#lagsMs.push(monotonicMs() - Number(url?.split("=")[1]));
      this.#asked.resolve();
      return text("");
    },
  };

  /** Resolves when the probe has asked for the first time. */
  async start(port: number): Promise<void> {
    this.#probe = spawn(process.execPath, [PROBE, String(port)], { stdio: "inherit" });
    await this.#asked.promise;
  }

  forget(): void {
    this.#lagsMs = [];
  }

  /** The longest delay since it was told to forget, over the shortest: in milliseconds. */
  read(): number {
    return Math.max(...this.#lagsMs) - Math.min(...this.#lagsMs);
  }

  async stop(): Promise<void> {
    if (this.#probe === undefined) return;
    const exited = once(this.#probe, "exit");
    this.#probe.kill("SIGKILL");
    await exited;
  }
}
