import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { requireEnvironment } from "./environment.ts";
import type { TestStore } from "./stores.ts";

const SLOTS = 16_384;

/** A Redis Cluster of three masters, which its first node's URL leads to. */
export async function startRedisCluster(): Promise<TestStore & { readonly nodes: readonly string[] }> {
  const ports = await freePorts(6);
  const masters = [0, 1, 2].map((i) => ({
    id: randomBytes(20).toString("hex"),
    port: ports[i]!,
    bus: ports[i + 3]!,
  }));
  const servers = await Promise.all(
    masters.map(async (self) => {
      const directory = await mkdtemp(join(tmpdir(), "bee-redis-"));
      // As if they had met before: nobody has to be told who else there is.
      await writeFile(join(directory, "nodes.conf"), describeNodes(masters, self));
      const args = [
        "--port",
        String(self.port),
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        String(self.bus),
      ];
      return startServer(directory, args, "Cluster state changed: ok");
    }),
  );
  const nodes = masters.map(({ port }) => `redis://127.0.0.1:${port}`);
  return {
    url: `${nodes[0]}/?cluster=true`,
    nodes,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

interface Master {
  readonly id: string;
  readonly port: number;
  readonly bus: number;
}

/** As Redis keeps it: each master with a third of the slots. */
function describeNodes(masters: readonly Master[], self: Master): string {
  const bound = (part: number) => Math.floor((SLOTS * part) / masters.length);
  const lines = masters.map((master, i) => {
    const { id, port, bus } = master;
    const flags = master === self ? "myself,master" : "master";
    return `${id} 127.0.0.1:${port}@${bus} ${flags} - 0 0 ${i + 1} connected ${bound(i)}-${bound(i + 1) - 1}`;
  });
  return [...lines, `vars currentEpoch ${masters.length} lastVoteEpoch 0`, ""].join("\n");
}

/**
 * A Redis that is spoken to by TLS alone, and by one user alone.
 * @param rights of that user, as `ACL SETUSER` takes them.
 */
export async function startTlsRedis(options: {
  readonly certificate: string;
  readonly key: string;
  readonly user: string;
  readonly password: string;
  readonly rights: readonly string[];
}): Promise<TestStore> {
  const { certificate, key, user, password, rights } = options;
  const [port] = await freePorts(1);
  const directory = await mkdtemp(join(tmpdir(), "bee-redis-"));
  const server = await startServer(directory, [
    ...["--port", "0", "--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key],
    ...["--tls-auth-clients", "no", "--user", "default", "off"],
    ...["--user", user, "on", `>${password}`, ...rights],
  ]);
  return { url: `rediss://${user}:${password}@localhost:${port}`, stop: server.stop };
}

async function startServer(
  directory: string,
  args: readonly string[],
  readyLine = "Ready to accept connections",
): Promise<Pick<TestStore, "stop">> {
  const common = [
    "--bind",
    "127.0.0.1",
    "--dir",
    directory,
    "--save",
    "",
    "--maxmemory-policy",
    "noeviction",
  ];
  const server = spawn(requireEnvironment("BEE_TEST_REDIS"), [...common, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(server, readyLine);
  return {
    async stop() {
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess, readyLine: string): Promise<void> {
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stdout! })) {
    said.push(line);
    if (!line.includes(readyLine)) continue;
    server.stdout!.resume();
    return;
  }
  throw new Error(`expected a Redis that starts, got: ${said.join("\n")}`);
}

/** Ports of the loopback address that nobody listened on a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
