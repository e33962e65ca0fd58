/** An event as it came over the wire; of a comment only its text. */
export interface ReadEvent {
  readonly type: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what they take it for
  readonly data: any;
}

/** Reads a stream of server-sent events as a browser does. */
export class EventReader {
  readonly response: Response;
  /** All that came and that nobody has asked for yet. */
  readonly #unread: ReadEvent[] = [];
  readonly #reading: Promise<void>;
  readonly #abort: AbortController;
  #onEvent: () => void = () => {};
  #ended = false;
  lastId: string | null = null;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#reading = this.#read().catch(() => {});
  }

  static async open(
    url: string,
    key: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}`, ...headers },
      signal: abort.signal,
    });
    return new EventReader(response, abort);
  }

  /** The next event of these that is asked for; those before it are passed over. */
  async next(isWanted: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    for (;;) {
      for (let event = this.#unread.shift(); event !== undefined; event = this.#unread.shift()) {
        if (event.id !== null) this.lastId = event.id;
        if (isWanted(event)) return event;
      }
      if (this.#ended) throw new Error("the stream ended before the event that was waited for");
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }

  /** Resolves when the server has ended it. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split("\n\n");
        text = blocks.pop()!;
        this.#unread.push(...blocks.map(parse).filter((event) => event !== null));
        this.#onEvent();
      }
    } finally {
      this.#ended = true;
      this.#onEvent();
    }
  }
}

function parse(block: string): ReadEvent | null {
  const fields = new Map(
    block
      .split("\n")
      .map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) as [string, string])
      .filter((field) => field !== undefined),
  );
  const data = fields.get("data");
  if (data === undefined) return null;
  return { type: fields.get("event") ?? "message", id: fields.get("id") ?? null, data: JSON.parse(data) };
}
