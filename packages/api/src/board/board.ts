import { TIERS } from "@bee/core";
import type { Queues } from "@bee/queue";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express } from "express";

/** Bull Board over the fleet's queues, to look at and not to touch: what it shows is a window on Postgres' truth. */
export function createBoard(queues: Queues, path: string): Express {
  const server = new ExpressAdapter().setBasePath(path);
  createBullBoard({
    queues: TIERS.map((tier) => new BullMQAdapter(queues.queues[tier], { readOnlyMode: true })),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "Blue Banded Bee" } },
  });
  const board: Express = server.getRouter();
  board.disable("x-powered-by");
  return board;
}
