import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { requireFreePort } from "./free-port.ts";

const host = "127.0.0.1";
let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer().listen(0, host);
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(() => void server.close());

test("a taken port is an error that says what to do", async () => {
  await expect(requireFreePort({ host, port })).rejects.toThrow(
    `expected port ${port} of 127.0.0.1 to be free for the API, got something that listens there; stop that, or set BEE_HOST and BEE_PORT to another address`,
  );
});

test("a free one is not, and is left free", async () => {
  server.close();
  await once(server, "close");
  await requireFreePort({ host, port });
  await requireFreePort({ host, port });
});

test("waits for one that is about to be free", async () => {
  const waiting = requireFreePort({ host, port }, 10_000);
  server.close();
  await expect(waiting).resolves.toBeUndefined();
});

test("an address of another machine is an error too", async () => {
  await expect(requireFreePort({ host: "192.0.2.1", port: 0 })).rejects.toThrow("got EADDRNOTAVAIL;");
});
