import { PROBLEM_TYPE } from "../http/problem.ts";
import { type Content, html, Markup } from "../report/html/markup.ts";
import { prose, schemaText } from "./docs-schema.ts";
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from "./document.ts";

interface Entry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The document as a page to be read: without scripts, and nothing comes from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => {
      return { id: String(operation["operationId"]), method: method.toUpperCase(), path, operation };
    }),
  );
  const groups = [...Map.groupBy(entries, ({ operation }) => operation.tags[0]!)];
  const { title, version, description } = document["info"] as Readonly<Record<string, string>>;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title!} API</title>
<style>${STYLE}</style>
</head>
<body>
<nav aria-label="Contents">
<h1>${title!} <small>${version!}</small></h1>
<p>${description!}</p>
<p><a href="/openapi.json">openapi.json</a></p>
${groups.map(([name, inGroup]) => html`<h2>${name}</h2><ul>${inGroup.map(contentsLine)}</ul>`)}
<h2><a href="#schemas">Schemas</a></h2>
</nav>
<main>
${groups.map(([name, inGroup]) => html`<section><h2>${name}</h2>${inGroup.map(article)}</section>`)}
<section id="schemas"><h2>Schemas</h2>
${Object.entries(document.components.schemas).map(
  ([name, schema]) => html`<article id="schema-${name}"><h3>${name}</h3>${schemaText(schema)}</article>`,
)}
</section>
</main>
</body>
</html>
`.text;
}

function contentsLine({ id, method, path }: Entry): Markup {
  return html`<li><a href="#${id}"><b class="${method}">${method}</b> ${path}</a></li>`;
}

function article({ id, method, path, operation }: Entry): Markup {
  const { summary, description = "", parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: place, required, description: about = null, schema }) => html`<tr>
<th scope="row"><code>${name}</code> <small>${place}${required ? null : ", optional"}</small></th>
<td>${schemaText(schema)}${about === null ? null : html`<br>${prose(about)}`}</td></tr>`,
  );
  return html`<article id="${id}"><h3><b class="${method}">${method}</b> <code>${path}</code></h3>
<p>${prose(`${summary}. ${description}`)}</p>
${rows.length === 0 ? null : html`<h4>Parameters</h4><table>${rows}</table>`}
${requestBody === undefined ? null : html`<h4>Body</h4>${Object.values(requestBody.content).map(({ schema }) => schemaText(schema))}`}
<h4>Answers, and <a href="#schema-Problem">problems</a></h4><table>${Object.entries(responses).map(answerRow)}</table>
</article>`;
}

function answerRow([status, { description, content = {} }]: [string, OpenApiResponse]): Markup {
  // All problems have one form.
  const own = Object.entries(content).filter(([type]) => type !== PROBLEM_TYPE);
  const forms = own.map(
    ([type, { schema }]): Content =>
      html`<br><small>${type}</small> ${type.endsWith("json") ? schemaText(schema) : null}`,
  );
  return html`<tr><th scope="row">${status}</th><td>${description}${forms}</td></tr>`;
}

const STYLE = new Markup(`
:root{color-scheme:light dark;--line:light-dark(#ddd,#333);--dim:light-dark(#595959,#a3a3a3);--link:light-dark(#0b57d0,#8ab4f8)}
*{box-sizing:border-box}
body{margin:0;display:grid;grid-template-columns:20rem minmax(0,1fr);font:15px/1.5 system-ui,sans-serif;background:light-dark(#fff,#161616);color:light-dark(#1a1a1a,#eee)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:13px}
nav h1{font-size:1.1rem;margin:0}nav h2{font-size:.9rem;margin:1rem 0 .3rem}nav ul{list-style:none;margin:0;padding:0}
nav li{overflow-wrap:anywhere}
main{padding:1rem 2rem;max-width:60rem}
a{color:var(--link)}small{color:var(--dim)}
article{border-top:1px solid var(--line);padding:1rem 0;scroll-margin-top:1rem}
h3{margin:.2rem 0;overflow-wrap:anywhere}h4{margin:1rem 0 .3rem}
table{border-collapse:collapse;width:100%}th,td{border-top:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:500;width:14rem}td table{margin:.3rem 0}td th{width:9rem}
code,b{font-family:ui-monospace,monospace;font-size:.92em}
.GET{color:light-dark(#0a6b3d,#5fd39a)}.POST{color:light-dark(#0b57d0,#8ab4f8)}.PUT{color:light-dark(#8a5200,#f0b45b)}.DELETE{color:light-dark(#b3261e,#f2938c)}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}th{width:40%}}
`);
