import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { FetchError } from "./fetch-error.ts";
import type { BodyReader, GetOptions } from "./http-answer.ts";
import { client, serve, serveRaw } from "./testing/servers.ts";

const MIB = 1024 * 1024;

/** A reader that gathers the decoded body. */
function gather() {
  const chunks: Buffer[] = [];
  const reader: BodyReader = async (body) => {
    for await (const chunk of body) chunks.push(chunk);
  };
  return {
    options: { reader: () => reader } satisfies GetOptions,
    text: () => Buffer.concat(chunks).toString(),
  };
}

async function failureOf(request: Promise<unknown>): Promise<FetchError> {
  return request.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${JSON.stringify(value)}`)),
    (error) => error,
  );
}

/** Writes until the other side goes away, waiting whenever it does not read. */
function writeForEver(socket: Socket, chunk: Buffer): void {
  while (!socket.destroyed && socket.write(chunk));
  if (!socket.destroyed) socket.once("drain", () => writeForEver(socket, chunk));
}

test("drains a page, counts its bytes on the wire and reports status, headers and time", async () => {
  const body = gzipSync("x".repeat(5_000));
  const server = await serve((_, response) => {
    response.writeHead(203, { "content-encoding": "gzip", "x-cache": "MISS", "set-cookie": ["a=1", "b=2"] });
    response.end(body);
  });

  const answer = await client().get(new URL(`${server.origin}/a?b`));

  expect(answer).toMatchObject({ status: 203, bytes: body.length, truncated: false });
  expect(answer.headers).toMatchObject({ "x-cache": "MISS", "set-cookie": ["a=1", "b=2"] });
  expect(answer.ttfbMs).toBeGreaterThanOrEqual(0);
  expect(server.requests).toEqual(["/a?b"]);
});

test("asks for the variant that visitors get, by its own name and without cookies", async () => {
  const headers: Record<string, unknown>[] = [];
  const server = await serve((request, response) => {
    headers.push(request.headers);
    response.setHeader("set-cookie", "session=1").end();
  });
  const bee = client();

  await bee.get(new URL(server.origin));
  await bee.get(new URL(server.origin), { accept: "text/plain" });

  expect(headers[0]).toMatchObject({ "accept-encoding": "gzip, br", "user-agent": "BlueBandedBee/test" });
  expect(headers.map((each) => each["accept"])).toEqual([expect.stringMatching(/^text\/html/), "text/plain"]);
  expect(headers[1]).not.toHaveProperty("cookie");
});

test("makes one request and follows no redirect, however long the body beside it", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 302 Found\r\nLocation: /next\r\nTransfer-Encoding: chunked\r\n\r\n");
    writeForEver(socket, Buffer.from(`4000\r\n${"x".repeat(0x4000)}\r\n`));
  });

  const answer = await client().get(new URL(server.origin));

  expect(answer).toMatchObject({ status: 302, truncated: true });
  expect(answer.headers["location"]).toBe("/next");
  expect(answer.bytes).toBeLessThan(MIB);
  await server.disconnected();
});

test("does not wait for the body of a redirect that drips", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 301 Moved\r\nLocation: /next\r\nContent-Length: 1000\r\n\r\nx");
  });

  const answer = await client({ deadlineMs: 60_000 }).get(new URL(server.origin));

  expect(answer).toMatchObject({ status: 301, bytes: 1, truncated: true });
  await server.disconnected();
});

test("does not retry a 503", async () => {
  const server = await serve((_, response) => response.writeHead(503, { "retry-after": "0" }).end());

  expect(await client().get(new URL(server.origin))).toMatchObject({ status: 503 });
  expect(server.requests).toHaveLength(1);
});

test("keeps a connection between requests and closes it with the client", async () => {
  const connections = new Set<Socket>();
  const server = await serve((request, response) => {
    connections.add(request.socket);
    response.end("ok");
  });
  const bee = client();
  for (let i = 0; i < 3; i++) await bee.get(new URL(server.origin));
  expect(connections.size).toBe(1);

  bee.close();

  await server.disconnected();
  expect((await failureOf(bee.get(new URL(server.origin)))).kind).toBe("aborted");
});

test("stops an endless body at the cap, in bounded memory, and says that it goes on", async () => {
  let sent = 0;
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const chunk = Buffer.alloc(64 * 1024, "x");
    const write = socket.write.bind(socket);
    socket.write = ((data: Buffer) => {
      sent += data.length;
      return write(data);
    }) as Socket["write"];
    writeForEver(socket, chunk);
  });

  const answer = await client({ maxBodyBytes: MIB }).get(new URL(server.origin));

  expect(answer).toMatchObject({ status: 200, truncated: true });
  expect(answer.bytes).toBeGreaterThan(MIB);
  expect(answer.bytes).toBeLessThan(2 * MIB);
  await server.disconnected();
  // What the kernel buffers on both sides of loopback is all that was sent in vain.
  expect(sent).toBeLessThan(32 * MIB);
});

test("a page that comes line by line is complete, however many lines it has", async () => {
  const line = `1e\r\n${"x".repeat(30)}\r\n`;
  const server = await serveRaw((socket) => {
    socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${line.repeat(300_000)}0\r\n\r\n`);
  });
  expect(await client().get(new URL(server.origin))).toMatchObject({ bytes: 9_000_000, truncated: false });
});

test("a body of exactly the cap is complete", async () => {
  const server = await serve((_, response) => response.end("x".repeat(1_000)));
  expect(await client().get(new URL(server.origin), { maxBytes: 1_000 })).toMatchObject({
    bytes: 1_000,
    truncated: false,
  });
});

test.each([
  ["gzip", gzipSync("héllo"), "gzip"],
  ["br", brotliCompressSync("héllo"), "br"],
  ["no coding", Buffer.from("héllo"), "identity"],
])("decodes %s for a reader", async (_, body, coding) => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": coding }).end(body);
  });
  const { options, text } = gather();

  const answer = await client().get(new URL(server.origin), options);

  expect(text()).toBe("héllo");
  expect(answer.bytes).toBe(body.length);
});

test("a reader that leaves early costs the rest neither decoding nor the connection", async () => {
  const bomb = gzipSync(Buffer.alloc(50 * MIB));
  const connections = new Set<Socket>();
  const server = await serve((request, response) => {
    connections.add(request.socket);
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  const bee = client();
  let read = 0;
  const options: GetOptions = {
    reader: () => async (body) => {
      for await (const chunk of body) {
        read += chunk.length;
        if (read > 100_000) return;
      }
    },
  };

  expect(await bee.get(new URL(server.origin), options)).toMatchObject({
    bytes: bomb.length,
    truncated: false,
  });
  expect(read).toBeLessThan(MIB);
  await bee.get(new URL(server.origin));
  expect(connections.size).toBe(1);
});

test("a reader that leaves an endless body does not make it wait", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    writeForEver(socket, Buffer.alloc(64 * 1024, "x"));
  });
  const reader: BodyReader = async (body) => {
    for await (const _ of body) return;
  };

  const answer = await client().get(new URL(server.origin), { maxBytes: MIB, reader: () => reader });

  expect(answer.truncated).toBe(true);
  await server.disconnected();
});

test("the cap on the wire ends a reader's body, not its work", async () => {
  const server = await serve((_, response) => response.end("x".repeat(500_000)));
  const { options, text } = gather();

  const answer = await client().get(new URL(server.origin), { ...options, maxBytes: 100_000 });

  expect(answer.truncated).toBe(true);
  expect(text()).toHaveLength(answer.bytes);
  await server.disconnected();
});

test("a gzip body that ends early is read as far as it goes", async () => {
  const whole = gzipSync(Array.from({ length: 5_000 }, (_, i) => `line ${i}`).join("\n"));
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(whole.subarray(0, whole.length / 2));
  });
  const { options, text } = gather();

  await client().get(new URL(server.origin), options);

  expect(text()).toMatch(/^line 0\nline 1\n/);
});

test.each([
  ["stacked codings", "gzip, gzip", gzipSync(gzipSync("x"))],
  ["a coding that was not asked for", "zstd", Buffer.from("x")],
  ["a body that is not what it claims", "gzip", Buffer.from("plain")],
])("refuses %s where a body is read, and does not care where it is drained", async (_, coding, body) => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": coding }).end(body);
  });
  const bee = client();

  expect((await failureOf(bee.get(new URL(server.origin), gather().options))).kind).toBe("protocol");
  expect(await bee.get(new URL(server.origin))).toMatchObject({ status: 200, bytes: body.length });
});

test("what a reader throws ends the request", async () => {
  const server = await serve((_, response) => response.write("x"));
  const reader = async () => {
    throw new Error("no room");
  };

  const failure = await failureOf(client().get(new URL(server.origin), { reader: () => reader }));

  expect(failure.message).toContain("no room");
  await server.disconnected();
});

test.each([
  ["never answers", (_: Socket) => {}],
  ["drips its headers", (socket: Socket) => drip(socket, "HTTP/1.1 200 OK\r\nx-")],
  ["drips its body", (socket: Socket) => drip(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")],
])("gives up on a server that %s at the deadline", async (_, answer) => {
  const server = await serveRaw(answer);

  const failure = await failureOf(client({ deadlineMs: 300 }).get(new URL(server.origin)));

  expect(failure.kind).toBe("timeout");
  expect(failure.message).toMatch(/^expected .+ from 127\.0\.0\.1:\d+ within 0\.3 s, got none$/);
  await server.disconnected();
});

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write("x"), 20);
  socket.once("close", () => clearInterval(timer));
}

test.each([
  ["resets before an answer", "protocol", (socket: Socket) => socket.resetAndDestroy()],
  ["closes before an answer", "protocol", (socket: Socket) => socket.end()],
  [
    "resets in the middle of a body",
    "protocol",
    (socket: Socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx", () => socket.resetAndDestroy()),
  ],
  [
    "ends before the length it announced",
    "protocol",
    (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx"),
  ],
  [
    "breaks its chunks",
    "protocol",
    (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n"),
  ],
  ["speaks no HTTP", "protocol", (socket: Socket) => socket.end("220 mail.example ESMTP\r\n")],
  [
    "sends 20 KB of headers",
    "too-large",
    (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n\r\n`),
  ],
])("a server that %s is a failure of kind %s", async (_, kind, answer) => {
  const server = await serveRaw(answer);

  const failure = await failureOf(client().get(new URL(server.origin)));

  expect([failure.name, failure.kind]).toEqual(["FetchError", kind]);
  expect(failure.message).toMatch(/^expected an answer from 127\.0\.0\.1:\d+, got: \S/);
  await server.disconnected();
});

test("a closed port is a failure to connect, an unknown name one of DNS, plain HTTP behind https one of TLS", async () => {
  const server = await serveRaw((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
  const bee = client();

  expect(await failureOf(bee.get(new URL("http://127.0.0.1:1/")))).toMatchObject({ kind: "connect" });
  expect(await failureOf(bee.get(new URL("http://nowhere.invalid/")))).toMatchObject({ kind: "dns" });
  expect(await failureOf(bee.get(new URL(`https://127.0.0.1:${server.port}/`)))).toMatchObject({
    kind: "tls",
  });
});

test("a reader that cannot be chosen is a failure, not a crash", async () => {
  const server = await serve((_, response) => response.end());
  const reader = () => {
    throw new Error("no reader");
  };
  expect((await failureOf(client().get(new URL(server.origin), { reader }))).message).toContain("no reader");
});

test("hundreds of interim answers are one too many, a few are none", async () => {
  const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  const few = await serveRaw((socket) =>
    socket.end(`${interim.repeat(3)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`),
  );
  expect(await client().get(new URL(few.origin))).toMatchObject({ status: 200 });

  const many = await serveRaw((socket) => writeForEver(socket, Buffer.from(interim.repeat(500))));
  expect(await failureOf(client().get(new URL(many.origin)))).toMatchObject({ kind: "protocol" });
  await many.disconnected();
});

test("a server that switches protocols is not followed there", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  });
  expect(await failureOf(client().get(new URL(server.origin)))).toMatchObject({ kind: "protocol" });
  await server.disconnected();
});

test("204 and 304 have no body to wait for", async () => {
  const server = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
  const bee = client();
  for (const status of [204, 304]) {
    expect(await bee.get(new URL(`${server.origin}/${status}`), gather().options)).toMatchObject({
      status,
      bytes: 0,
    });
  }
});

test("a signal ends a request at any moment: before it, while the name is looked up, and in the body", async () => {
  const asked = Promise.withResolvers<void>();
  const hanging = client({
    resolveName: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const early = AbortSignal.abort(new Error("job cancelled"));
  const failure = await failureOf(hanging.get(new URL("http://slow.example/"), { signal: early }));
  expect(failure).toMatchObject({ kind: "aborted", message: expect.stringContaining("job cancelled") });

  const lookup = new AbortController();
  const looking = failureOf(hanging.get(new URL("http://slow.example/"), { signal: lookup.signal }));
  await asked.promise;
  lookup.abort("stopping");
  expect(await looking).toMatchObject({ kind: "aborted", message: expect.stringContaining("stopping") });

  const server = await serve((_, response) => response.write("x"));
  const body = new AbortController();
  const reading = failureOf(
    client().get(new URL(server.origin), {
      signal: body.signal,
      reader: () => async (chunks) => {
        for await (const _ of chunks) body.abort("enough");
      },
    }),
  );
  expect(await reading).toMatchObject({ kind: "aborted" });
  await server.disconnected();
});

test("closing the client gives up what is under way", async () => {
  const arrived = Promise.withResolvers<void>();
  const server = await serve(() => arrived.resolve());
  const bee = client();
  const request = failureOf(bee.get(new URL(server.origin)));
  await arrived.promise;

  bee.close();

  expect(await request).toMatchObject({ kind: "aborted" });
  await server.disconnected();
});

test.each(["http://user:secret@127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd"])(
  "refuses %s",
  async (url) => {
    expect(await failureOf(client().get(new URL(url)))).toMatchObject({ kind: "protocol" });
  },
);

test("a lookup that hangs ends at the deadline", async () => {
  const bee = client({ deadlineMs: 200, resolveName: () => new Promise(() => {}) });
  expect(await failureOf(bee.get(new URL("http://slow.example/")))).toMatchObject({ kind: "timeout" });
});

test("many requests at once share the connections that a host may have", async () => {
  let open = 0;
  let most = 0;
  const server = await serve((_, response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      response.end("ok");
    });
  });
  const bee = client();
  const answers = await Promise.all(Array.from({ length: 300 }, () => bee.get(new URL(server.origin))));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(most).toBeLessThanOrEqual(256);
});
