import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { ContainerSpec } from "../docker-template.ts";

/** A container of the simulated engine. */
export interface SimulatedContainer {
  readonly id: string;
  readonly name: string;
  readonly spec: Partial<ContainerSpec>;
  readonly networks: string[];
  state: "created" | "running" | "paused" | "exited";
  exitCode: number;
  output: string;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * The calls of the Docker Engine API that the driver makes, as Docker 20.10 (API 1.41) answers them, on a unix socket.
 * Its containers are entries of a list: a test says what they report and how they end.
 */
export class SimulatedEngine {
  readonly containers = new Map<string, SimulatedContainer>();
  /** Every call, as `POST /containers/create`. */
  readonly calls: string[] = [];
  /** Answers a call instead of the engine, where it returns something. */
  intercept: (call: string) => Answer | Promise<Answer | undefined> | undefined = () => undefined;
  /** What a container does that is told to stop; by default it ends in order. */
  onStop = (container: SimulatedContainer): void => this.end(container, 0);
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<SimulatedEngine> {
    const server = createServer();
    const engine = new SimulatedEngine(server, await mkdtemp(join(tmpdir(), "engine-")));
    server.on("request", async (request, response) => {
      const { status, body } = await engine.#answer(request);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
    await engine.listen();
    return engine;
  }

  /** As `DOCKER_HOST` names it. */
  get host(): string {
    return `unix://${this.#socket}`;
  }

  get names(): string[] {
    return [...this.containers.values()].map(({ name }) => name);
  }

  /** A container that is there without having been asked for through this API. */
  put(name: string, labels: Record<string, string>, state: SimulatedContainer["state"] = "running") {
    const id = randomBytes(32).toString("hex");
    const container = { id, name, spec: { Labels: labels }, networks: [], state, exitCode: 0, output: "" };
    this.containers.set(id, container);
    return container;
  }

  end(container: SimulatedContainer, exitCode: number, output = ""): void {
    Object.assign(container, { state: "exited", exitCode, output });
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#socket);
    await once(this.#server, "listening");
  }

  /** The engine is gone, its containers live on. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.close();
    await rm(this.#folder, { recursive: true });
  }

  get #socket(): string {
    return join(this.#folder, "docker.sock");
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://docker");
    const call = `${request.method} ${pathname}`;
    this.calls.push(call);
    const body = request.headers["content-type"] === undefined ? undefined : await json(request);
    const instead = await this.intercept(call);
    if (instead !== undefined) return instead;
    if (call === "GET /info") return { status: 200, body: { ID: "ODZZ:GMMS", Name: "machine" } };
    if (call === "GET /containers/json") return this.#list(searchParams);
    if (call === "POST /containers/create") return this.#create(searchParams, body as ContainerSpec);
    const connected = /^POST \/networks\/([^/]+)\/connect$/.exec(call);
    if (connected !== null) return this.#connect(connected[1]!, body as { Container: string });
    const [, id = "", action = ""] = /^\w+ \/containers\/([^/]+)\/?(\w*)$/.exec(call) ?? [];
    const container = this.containers.get(id);
    if (container === undefined) return { status: 404, body: { message: `No such container: ${id}` } };
    return this.#act(`${request.method} ${action}`, container);
  }

  #list(query: URLSearchParams): Answer {
    const { label } = JSON.parse(query.get("filters") ?? "{}") as { label: string[] };
    const [name, value] = label[0]!.split("=");
    const found = [...this.containers.values()].filter(({ spec }) => spec.Labels?.[name!] === value);
    const body = found.map(({ id, name, state, spec }) => ({
      Id: id,
      Names: [`/${name}`],
      State: state,
      Labels: spec.Labels,
    }));
    return { status: 200, body };
  }

  #create(query: URLSearchParams, spec: ContainerSpec): Answer {
    const container = this.put(query.get("name") ?? "", {}, "created");
    this.containers.set(container.id, {
      ...container,
      spec,
      networks: [String(spec.HostConfig["NetworkMode"])],
    });
    return { status: 201, body: { Id: container.id, Warnings: [] } };
  }

  #connect(network: string, { Container }: { Container: string }): Answer {
    this.containers.get(Container)?.networks.push(network);
    return { status: 200 };
  }

  #act(action: string, container: SimulatedContainer): Answer {
    switch (action) {
      case "POST start":
        container.state = "running";
        return { status: 204 };
      case "POST stop":
        this.onStop(container);
        return { status: 204 };
      case "GET json":
        return {
          status: 200,
          body: { Id: container.id, State: { ExitCode: container.exitCode, OOMKilled: false } },
        };
      case "GET logs":
        return { status: 200, body: frame(container.output) };
      case "DELETE ":
        this.containers.delete(container.id);
        return { status: 204 };
      default:
        return { status: 404, body: { message: "page not found" } };
    }
  }
}

/** One line on stderr, as the engine frames it. */
function frame(text: string): Buffer {
  const head = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}
