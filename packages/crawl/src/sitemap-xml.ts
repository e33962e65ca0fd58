import sax from "sax";
import { AmpersandMender } from "./ampersands.ts";
import {
  dateOf,
  MAX_DATE,
  MAX_LOC,
  SitemapError,
  type SitemapItem,
  type SitemapParser,
} from "./sitemap-item.ts";

/** Where a form of sitemap keeps its entries and their fields: paths of local names, whatever prefix they come with. */
interface Shape {
  readonly kind: SitemapItem["kind"];
  readonly entry: string;
  readonly loc: string;
  readonly lastmod: string;
}

/** By root element: the forms that sitemaps.org names. */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ["urlset", shape("page", "urlset/url", "loc", "lastmod")],
  ["sitemapindex", shape("sitemap", "sitemapindex/sitemap", "loc", "lastmod")],
  ["rss", shape("page", "rss/channel/item", "link", "pubdate")],
  ["feed", shape("page", "feed/entry", "link", "updated")],
]);

function shape(kind: SitemapItem["kind"], entry: string, loc: string, lastmod: string): Shape {
  return { kind, entry, loc: `${entry}/${loc}`, lastmod: `${entry}/${lastmod}` };
}

/** Sitemaps are four deep, with images and videos six. sax does not limit depth; neither would the stack of names here. */
const MAX_DEPTH = 32;

/** Of one tag. sax keeps all attributes of a tag until it ends. */
const MAX_ATTRIBUTES = 100;

/** Mistakes in the XML that are passed over; a file of `<` would otherwise make one error object a byte. */
const MAX_MISTAKES = 100;

/** The XML forms, read by sax: entities stay unexpanded, and no comment, attribute or doctype grows above 64 KB. */
export class XmlSitemap implements SitemapParser {
  readonly #parser: sax.SAXParser;
  readonly #mender = new AmpersandMender();
  #items: SitemapItem[] = [];
  #shape: Shape | undefined;
  /** Paths of the open elements. */
  readonly #paths: string[] = [];
  #loc = "";
  /** Whether the entry has had its address, and whether that is made of entities. */
  #located = false;
  #hasEntity = false;
  #lastmod = "";
  #attributes = 0;
  #mistakes = 0;
  #withoutLoc = 0;
  #withEntity = 0;
  #entries = 0;
  #done = false;

  constructor() {
    // Strict keeps the case of names. Positions stay on: without them sax never looks at its buffer limits.
    this.#parser = sax.parser(true);
    this.#parser.onopentag = ({ name, attributes }) => this.#open(local(name), attributes as Attributes);
    this.#parser.onattribute = () => this.#countAttribute();
    this.#parser.onclosetag = () => this.#close();
    this.#parser.ontext = (text) => this.#gather(text);
    this.#parser.oncdata = (text) => this.#gather(text);
    this.#parser.onerror = (error) => this.#pass(error);
  }

  write(text: string): void {
    if (!this.#done) this.#parser.write(this.#mender.mend(text));
  }

  end(): void {
    if (!this.#done) this.#parser.write(this.#mender.mend("", true));
  }

  take(): SitemapItem[] {
    return this.#items.splice(0);
  }

  problems(): readonly string[] {
    const { mended } = this.#mender;
    return [
      ...(mended > 0
        ? [`expected "&amp;", got a raw "&" in ${mended} ${mended === 1 ? "place" : "places"}`]
        : []),
      ...(this.#mistakes > 0 ? [`expected well-formed XML, got ${this.#mistakes} mistakes`] : []),
      ...(this.#withoutLoc > 0 ? [`expected an address in each entry, got ${this.#withoutLoc} without`] : []),
      ...(this.#withEntity > 0
        ? [
            `expected plain addresses, got ${this.#withEntity} with entities: they are not expanded, and left out`,
          ]
        : []),
      ...(this.#done && this.#entries === 0 ? ["expected entries, got none"] : []),
      ...(this.#done ? [] : ["expected a closed root element, got the end of the file: it may be cut off"]),
    ];
  }

  #open(name: string, { href, rel = "alternate" }: Attributes): void {
    this.#attributes = 0;
    const parent = this.#paths.at(-1);
    if (parent === undefined) this.#shape = shapeOf(name);
    const path = parent === undefined ? name : `${parent}/${name}`;
    if (this.#paths.push(path) > MAX_DEPTH) {
      throw new SitemapError(`expected at most ${MAX_DEPTH} nested elements, got more`);
    }
    if (path === this.#shape?.entry) {
      this.#loc = this.#lastmod = "";
      this.#located = this.#hasEntity = false;
    }
    // Atom writes `<link href="…"/>`, and so its links to the entry itself, to its comments, to where it is edited.
    if (path === this.#shape?.loc && !this.#located && rel === "alternate") this.#loc = href ?? "";
  }

  #close(): void {
    const path = this.#paths.pop();
    if (path === this.#shape?.loc) this.#located = this.#loc !== "";
    if (path === this.#shape?.entry) this.#finishEntry();
    if (this.#paths.length === 0) this.#ignoreRest();
  }

  /** Debug output and the like behind the root element is nobody's business. */
  #ignoreRest(): void {
    this.#done = true;
    this.#parser.onopentag = this.#parser.onclosetag = this.#parser.ontext = () => {};
    this.#parser.onerror = () => this.#parser.resume();
  }

  #finishEntry(): void {
    const loc = this.#loc.trim();
    this.#entries++;
    if (this.#hasEntity) this.#withEntity++;
    else if (loc === "" || loc.length > MAX_LOC) this.#withoutLoc++;
    else this.#items.push({ kind: this.#shape!.kind, loc, lastmod: dateOf(this.#lastmod) });
  }

  #gather(text: string): void {
    const path = this.#paths.at(-1);
    if (path === undefined) return;
    if (path === this.#shape?.loc && !this.#located && this.#loc.length <= MAX_LOC)
      this.#loc += text.slice(0, MAX_LOC + 1);
    if (path === this.#shape?.lastmod && this.#lastmod.length <= MAX_DATE)
      this.#lastmod += text.slice(0, MAX_DATE + 1);
  }

  #countAttribute(): void {
    if (++this.#attributes > MAX_ATTRIBUTES) {
      throw new SitemapError(`expected at most ${MAX_ATTRIBUTES} attributes on an element, got more`);
    }
  }

  #pass(error: Error): void {
    if (error.message.startsWith("Max buffer")) throw new SitemapError(firstLine(error));
    if (error.message.startsWith("Invalid character entity") && this.#paths.at(-1) === this.#shape?.loc) {
      this.#hasEntity = true;
      this.#parser.resume();
      return;
    }
    if (++this.#mistakes > MAX_MISTAKES) {
      throw new SitemapError(
        `expected XML, got more than ${MAX_MISTAKES} mistakes, such as: ${firstLine(error)}`,
      );
    }
    this.#parser.resume();
  }
}

type Attributes = Readonly<Record<string, string | undefined>>;

function shapeOf(root: string): Shape {
  const known = SHAPES.get(root);
  if (known !== undefined) return known;
  throw new SitemapError(`expected <urlset> or <sitemapindex>, got <${root.slice(0, 40)}>`);
}

/** Long names are cut: 32 of them, one below the other, would make paths of megabytes. */
function local(name: string): string {
  return name
    .slice(name.indexOf(":") + 1)
    .slice(0, 64)
    .toLowerCase();
}

function firstLine({ message }: Error): string {
  return message.split("\n", 1)[0]!;
}
