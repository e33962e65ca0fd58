import { once } from "node:events";
import { createServer, type Server as HttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from "node:net";
import { afterEach } from "@jest/globals";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "../http-client.ts";

/** A server on loopback that lives until the end of the test that started it. */
export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** Paths of the requests, in the order in which they came. */
  readonly requests: readonly string[];
  /** Resolves once no connection is open any more. */
  disconnected(): Promise<void>;
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Serves HTTP with `listener`. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    listener(request, response);
  });
  return started(server, requests);
}

/** Serves bytes: `answer` is called with each socket once its request has come. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<TestServer> {
  const server = createRawServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  return started(server, []);
}

async function started(server: Server | HttpServer, requests: string[]): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    async disconnected() {
      // Not `once`: it rejects when the connection ends in a reset, and an end is an end.
      await Promise.all([...sockets].map((socket) => new Promise((done) => socket.once("close", done))));
    },
  };
}

/** A client that may reach loopback and finds every `*.test` there; closed at the end of the test. */
export function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const created = createHttpClient({
    userAgent: "BlueBandedBee/test",
    allowPrivate: ["127.0.0.0/8"],
    resolve: [["*.test", "127.0.0.1"]],
    deadlineMs: 5_000,
    ...options,
  });
  cleanups.push(() => created.close());
  return created;
}
