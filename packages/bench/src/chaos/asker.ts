import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Socket } from "node:net";

/** Which of these processes holds the other end of a connection to us; Linux tells, others do not. */
export function findAsker({ remotePort, localPort }: Socket, pids: readonly number[]): number | undefined {
  const rows = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, from, to]) => isPort(from, remotePort) && isPort(to, localPort));
  const socket = `socket:[${row?.[9]}]`;
  return pids.find((pid) => holds(pid, socket));
}

/** Whether an address of that table, such as `0100007F:0BB8`, has this port. */
function isPort(address: string | undefined, port: number | undefined): boolean {
  return address !== undefined && Number.parseInt(address.split(":")[1] ?? "", 16) === port;
}

function holds(pid: number, socket: string): boolean {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((fd) => linkOf(`${directory}/${fd}`) === socket);
  } catch {
    return false; // the process has ended
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
