import { thousands } from "@bee/core";
import { type Content, html, type Markup } from "./markup.ts";

export interface Part {
  readonly name: string;
  readonly pages: number;
  /** Names the colour in the style sheet. */
  readonly tone: string;
}

const WIDTH = 1_000;
const HEIGHT = 24;
/** One broken page of ten thousand must be seen. */
const LEAST = 6;

/** Parts of a whole: a bar, and below it what its colours mean, with the numbers. */
export function shares(title: string, parts: readonly Part[]): Markup {
  const shown = parts.filter(({ pages }) => pages > 0);
  const total = shown.reduce((sum, { pages }) => sum + pages, 0);
  if (total === 0)
    return html`<figure><figcaption>${title}</figcaption><p class="quiet">no pages</p></figure>`;
  return html`<figure>
<figcaption>${title}</figcaption>
${bar(title, shown, total)}
<ul class="legend">${shown.map(
    ({ name, pages, tone }) => html`
<li><span class="swatch ${tone}"></span>${name} <b>${thousands(pages)}</b> <span class="quiet">${percent(pages, total)}</span></li>`,
  )}
</ul>
</figure>`;
}

function bar(title: string, parts: readonly Part[], total: number): Markup {
  const room = WIDTH - LEAST * parts.length;
  let x = 0;
  const pieces: Content[] = parts.map(({ name, pages, tone }) => {
    const width = LEAST + (room * pages) / total;
    const piece = html`<rect class="${tone}" x="${x.toFixed(1)}" y="0" width="${(width - 1.5).toFixed(1)}" height="${HEIGHT}"><title>${name}: ${thousands(pages)}</title></rect>`;
    x += width;
    return piece;
  });
  const label = `${title}: ${parts.map(({ name, pages }) => `${name} ${thousands(pages)}`).join(", ")}`;
  return html`<svg class="shares" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${pieces}</svg>`;
}

/** A bar in a table's cell, whose number says the same beside it. */
export function measure(pages: number, most: number, tone: string): Markup {
  const width = most === 0 ? 0 : Math.max(pages === 0 ? 0 : LEAST, (WIDTH * pages) / most);
  return html`<svg class="measure" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${tone}" x="0" y="0" width="${width.toFixed(1)}" height="10"/></svg>`;
}

function percent(pages: number, total: number): string {
  const share = (100 * pages) / total;
  if (share > 0 && share < 1) return "under 1 %";
  return share > 99 && share < 100 ? "over 99 %" : `${Math.round(share)} %`;
}
