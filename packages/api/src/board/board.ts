import { TIERS } from "@bee/core";
import type { Queues } from "@bee/queue";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express, NextFunction, Request, Response } from "express";

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

/** Bull Board over the fleet's queues, to look at and not to touch: what it shows is a window on Postgres' truth. */
export function createBoard(queues: Queues, path: string): Express {
  const server = new LocalAdapter().setBasePath(path);
  createBullBoard({
    queues: TIERS.map((tier) => new BullMQAdapter(queues.queues[tier], { readOnlyMode: true })),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "Blue Banded Bee" } },
  });
  const board: Express = server.getRouter();
  board.disable("x-powered-by");
  return board;
}
