import { escapeXml } from "../web/sitemap-xml.ts";
import { STYLESHEET_PATH, SYMBOL_PATH } from "./assets.ts";
import { FOOTER_ONLY } from "./content/odd-pages.ts";
import { isReadable, type ReadablePage } from "./page.ts";
import { pageAt } from "./pages.ts";

const HEADER = ["/", "/plants/", "/journal/", "/guides/", "/about"];
const FOOTER = ["/checkout/delivery-rates", "/garden-club", ...FOOTER_ONLY.map((page) => page.path)];

/** Every page that a page links to, in the order of its HTML. */
export function linksOf(page: ReadablePage): readonly string[] {
  return [...HEADER, ...page.links, ...FOOTER];
}

/** The page as HTML. */
export function renderPage(page: ReadablePage): string {
  const seeAlso =
    page.links.length > 0 ? `    <h2>See also</h2>\n    <ul>${items(page.links)}\n    </ul>\n` : "";
  return `<!doctype html>
<html lang="en-AU">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeXml(titleOf(page))}</title>
  <link rel="stylesheet" href="${STYLESHEET_PATH}">
</head>
<body>
  <header>
    <img src="${SYMBOL_PATH}" alt="" width="48" height="48">
    <nav><ul>${items(HEADER)}
    </ul></nav>
  </header>
  <main>
    <h1>${escapeXml(page.title)}</h1>
    <p>${escapeXml(page.text)}</p>
${seeAlso}  </main>
  <footer>
    <form action="/search"><input name="q" aria-label="Search the garden"><button>Search</button></form>
    <ul>${items(FOOTER)}
    </ul>
  </footer>
</body>
</html>
`;
}

function titleOf(page: ReadablePage): string {
  return page.path === "/" ? page.title : `${page.title} · Banksia Garden`;
}

function items(paths: readonly string[]): string {
  return paths.map((path) => `\n      <li>${anchor(path)}</li>`).join("");
}

/** A link with the title of the page it leads to. @throws for a page that no visitor should be sent to. */
function anchor(path: string): string {
  const page = pageAt(path);
  if (!isReadable(page))
    throw new Error(`expected a link to a page to read, got "${path}" which is ${page.kind}`);
  return `<a href="${escapeXml(path)}">${escapeXml(page.title)}</a>`;
}
