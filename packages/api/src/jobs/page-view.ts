import type { Page } from "@bee/store";

/** A page as callers see it, in the order of the columns of a CSV report. */
export type PageView = Omit<Page, "id">;

export function toPageView(page: Page): PageView {
  const { id: _internal, ...view } = page;
  return view;
}
