import { type RequestOptions, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { BeeError } from "@bee/core";
import type { ContainerSpec, OwnContainer } from "./docker-template.ts";

/** A container as the engine lists it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  /** `created running paused restarting removing exited dead`. */
  readonly state: string;
}

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
}

/** What the engine answered instead of doing what it was asked. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An engine that takes longer over an answer is as good as away. */
const ANSWER_MS = 10_000;
/** It takes its time where two dozen containers start at once on a busy machine: 4 s were seen for one. */
const START_MS = 60_000;

/**
 * The few calls of the Docker Engine API that starting and stopping workers takes. Their paths name no version, which
 * means the engine's own: engines refuse versions that are too old for them, and these calls are the same in all.
 */
export class DockerEngine {
  readonly #address: RequestOptions;

  /** @param host `unix:///path` or `tcp://host:port`, as `DOCKER_HOST` has it. */
  constructor(host: string) {
    const { protocol, pathname, hostname, port } = new URL(host);
    this.#address = protocol === "unix:" ? { socketPath: pathname } : { hostname, port: port || 2375 };
  }

  /** The engine's own id: two engines of one fleet are two owners. */
  async id(): Promise<string> {
    const { ID } = (await this.#ask("GET", "/info")) as { ID: string };
    return ID;
  }

  /** All containers with this label, also those that have ended. */
  async list(label: string): Promise<Container[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    const listed = await this.#ask("GET", `/containers/json?all=1&filters=${filters}`);
    return (listed as { Id: string; Names: string[]; State: string }[]).map(({ Id, Names, State }) => ({
      id: Id,
      name: (Names[0] ?? "").slice(1),
      state: State,
    }));
  }

  async inspect(id: string): Promise<OwnContainer> {
    return (await this.#ask("GET", `/containers/${id}/json`)) as OwnContainer;
  }

  async readEnd(id: string): Promise<ContainerEnd> {
    const { State } = (await this.#ask("GET", `/containers/${id}/json`)) as {
      State: { ExitCode: number; OOMKilled: boolean };
    };
    return { exitCode: State.ExitCode, outOfMemory: State.OOMKilled };
  }

  /** @returns the id of the container, which does not run yet. */
  async create(name: string, spec: ContainerSpec): Promise<string> {
    const { Id } = (await this.#ask("POST", `/containers/create?name=${name}`, {
      body: spec,
      answerMs: START_MS,
    })) as { Id: string };
    return Id;
  }

  async connect(network: string, container: string): Promise<void> {
    await this.#ask("POST", `/networks/${encodeURIComponent(network)}/connect`, {
      body: { Container: container },
      answerMs: START_MS,
    });
  }

  async start(id: string): Promise<void> {
    await this.#ask("POST", `/containers/${id}/start`, { answerMs: START_MS });
  }

  /** Sends SIGTERM, and SIGKILL when the container has not ended so long after; resolves when it has. */
  async stop(id: string, graceMs: number): Promise<void> {
    const answerMs = graceMs + ANSWER_MS;
    await this.#ask("POST", `/containers/${id}/stop?t=${Math.ceil(graceMs / 1_000)}`, { answerMs });
  }

  /** Ends it at once and takes it away, with the volumes that nobody named. One that is gone is no error. */
  async remove(id: string): Promise<void> {
    try {
      await this.#ask("DELETE", `/containers/${id}?force=1&v=1`);
    } catch (error) {
      // 409: it is being removed already.
      if (!(error instanceof EngineError && [404, 409].includes(error.status))) throw error;
    }
  }

  /** The last lines that the container wrote. */
  async lastWords(id: string, lines: number): Promise<string> {
    const path = `/containers/${id}/logs?stdout=1&stderr=1&tail=${lines}`;
    return textOfFrames(await this.#send("GET", path, {}));
  }

  async #ask(method: string, path: string, options: AskOptions = {}): Promise<unknown> {
    const answer = await this.#send(method, path, options);
    return answer.length === 0 ? undefined : JSON.parse(answer.toString());
  }

  /** @throws EngineError when the engine refuses, BeeError `unavailable` when it does not answer. */
  #send(method: string, path: string, { body, answerMs = ANSWER_MS }: AskOptions): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const json = body === undefined ? undefined : JSON.stringify(body);
    const asked = request({
      ...this.#address,
      method,
      path,
      // The engine closes connections that rest; one for each call is never a stale one.
      agent: false,
      signal: AbortSignal.timeout(answerMs),
      headers: { host: "docker", ...(json !== undefined && { "content-type": "application/json" }) },
    });
    asked.once("response", (response) => {
      const status = response.statusCode ?? 0;
      buffer(response).then((answer) => {
        // 304: it has started, or stopped, already.
        if (status < 300 || status === 304) resolve(answer);
        else reject(new EngineError(status, messageIn(answer) ?? `the engine answered ${status}`));
      }, reject);
    });
    asked.once("error", (cause) => {
      const why = cause.name === "AbortError" ? `no answer within ${answerMs} ms` : cause.message;
      reject(
        new BeeError("unavailable", `the Docker engine was asked to ${method} ${path}: ${why}`, { cause }),
      );
    });
    asked.end(json);
    return promise;
  }
}

interface AskOptions {
  readonly body?: unknown;
  readonly answerMs?: number;
}

/** The engine explains itself in JSON: `{"message": "No such container: …"}`. */
function messageIn(answer: Buffer): string | undefined {
  try {
    return (JSON.parse(answer.toString()) as { message?: string }).message;
  } catch {
    return undefined;
  }
}

/** Output of a container without a terminal comes in frames: stream, three zeros, length as four bytes, text. */
function textOfFrames(frames: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    text += frames.toString("utf8", at + 8, end);
    at = end;
  }
  return text.trim();
}
