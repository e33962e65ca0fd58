import { TIERS, within } from "@bee/core";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { listFleets, REDIS_MS } from "../fleet/fleet-view.ts";
import { callerOf } from "../http/caller.ts";
import type { Parts } from "../parts.ts";

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
 * Bull Board over the queues of all fleets: to look at for keys that only read, for operators also to set right what hangs.
 * What it shows is a window on Postgres' truth.
 */
export function createBoard(parts: Parts, path: string): RequestHandler {
  const [reading, writing] = [boardOf(parts, path, true), boardOf(parts, path, false)];
  return (request, response, next) => {
    const board = callerOf(response).readOnly ? reading : writing;
    board(request, response, next);
  };
}

function boardOf(parts: Parts, path: string, readOnlyMode: boolean): Express {
  const server = new LocalAdapter().setBasePath(path);
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "Blue Banded Bee", hideDocsLink: true } },
  });
  const board = express();
  board.disable("x-powered-by");
  // Regions come and go while the API runs.
  board.use("/api", async (_request, _response, next) => {
    const fleets = await listFleets(parts, await within(REDIS_MS, "Redis", parts.registry.list()));
    const queues = fleets.flatMap((fleet) => TIERS.map((tier) => parts.queues.of(fleet).queues[tier]));
    replaceQueues(queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode })));
    next();
  });
  const pages: Express = server.getRouter();
  pages.disable("x-powered-by");
  board.use(pages);
  return board;
}
