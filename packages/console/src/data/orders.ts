import { post } from "./api.ts";
import type { Job, JobSummary, Status } from "./wire.ts";

export const ORDERS = ["pause", "resume", "retry", "cancel"] as const;
export type Order = (typeof ORDERS)[number];

const OPEN: readonly Status[] = ["pending", "expanding", "running"];

/** What an order needs of a job; the API has the last word. */
export function allows({ status, counts }: Pick<JobSummary, "status" | "counts">, order: Order): boolean {
  switch (order) {
    case "pause":
      return OPEN.includes(status);
    case "resume":
      return status === "paused";
    case "cancel":
      return OPEN.includes(status) || status === "paused";
    case "retry":
      return status === "failed" || (status === "completed" && counts.failed > 0);
  }
}

export const ORDER_WORDS: Readonly<Record<Order, { readonly name: string; readonly done: string }>> = {
  pause: { name: "Pause", done: "paused" },
  resume: { name: "Resume", done: "resumed" },
  retry: { name: "Retry", done: "begun again" },
  cancel: { name: "Cancel", done: "cancelled" },
};

export const give = (order: Order, id: string) => post<Job>(`/v1/jobs/${id}/${order}`);
