import { TIERS } from "@bee/core";
import type { Queues } from "@bee/queue";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express, NextFunction, Request, RequestHandler, Response } from "express";
import { callerOf } from "../http/caller.ts";

/** The page's link to fonts of another host. It does without them, and tells nobody that it is open. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="https?:[^>]*>/g;

/** Bull Board's adapter, whose page loads from this host only. */
class LocalAdapter extends ExpressAdapter {
  override setEntryRoute({ method, route, handler }: Parameters<ExpressAdapter["setEntryRoute"]>[0]): this {
    this.app[method](route, (_request: Request, response: Response, next: NextFunction) => {
      const { name, params } = handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      response.render(name, params, (error: Error | null, page: string) => {
        if (error) next(error);
        else response.send(page.replace(FOREIGN_LINK, ""));
      });
    });
    return this;
  }
}

/**
 * Bull Board over the fleet's queues: to look at for keys that only read, for operators also to set right what hangs. What
 * it shows is a window on Postgres' truth.
 */
export function createBoard(queues: Queues, path: string): RequestHandler {
  const [reading, writing] = [boardOf(queues, path, true), boardOf(queues, path, false)];
  return (request, response, next) => {
    const board = callerOf(response).readOnly ? reading : writing;
    board(request, response, next);
  };
}

function boardOf(queues: Queues, path: string, readOnlyMode: boolean): Express {
  const server = new LocalAdapter().setBasePath(path);
  createBullBoard({
    queues: TIERS.map((tier) => new BullMQAdapter(queues.queues[tier], { readOnlyMode })),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "Blue Banded Bee", hideDocsLink: true } },
  });
  const board: Express = server.getRouter();
  board.disable("x-powered-by");
  return board;
}
