import type { Socket } from "node:net";
import { type Answer, type Responder, type Site, sitemapOf, startWeb, type Web } from "@bee/testkit";

/** What the fleet is sent to while everything around it breaks. */
export interface Target {
  readonly web: Web;
  readonly hosts: readonly string[];
  /** Every page of a host that its job is to end with an outcome. */
  urlsOf(host: string): string[];
  /** The URL of the one page that kills who visits it. */
  readonly poison: string;
}

export interface TargetOptions {
  readonly hosts: number;
  readonly pages: number;
  /** Called while the poisonous page is being asked for. */
  readonly onPoison: (asker: Socket) => void;
}

const ANSWER_MS = 50;

/** Sites behind a cache that misses once a page: each page needs two requests, one to warm and one to prove. */
export async function startTarget({ hosts: count, pages, onPoison }: TargetOptions): Promise<Target> {
  const hosts = Array.from({ length: count }, (_, n) => `site${n}.test`);
  const paths = ["/", ...Array.from({ length: pages - 1 }, (_, n) => `/page/${n}`)];
  // No answer: it hangs until its asker is dead.
  const poisoner: Responder = ({ socket }) => {
    onPoison(socket);
    return undefined;
  };
  const urlsOf = (host: string) => paths.map((path) => web.url(host, path));
  const site = (host: string): Site => ({
    pages: {
      ...Object.fromEntries(paths.map((path) => [path, cached()])),
      "/sitemap.xml": () => sitemapOf(urlsOf(host)),
    },
  });
  const sites = Object.fromEntries(hosts.map((host) => [host, site(host)]));
  const [poisoned] = hosts;
  sites[poisoned!]!.pages["/page/0"] = poisoner;
  const web = await startWeb({ hosts: sites });
  return { web, hosts, urlsOf, poison: web.url(poisoned!, "/page/0") };
}

function cached(): Responder {
  let visits = 0;
  return (): Answer => ({
    headers: {
      "content-type": "text/html",
      "cache-control": "public, max-age=3600",
      "x-cache": visits++ === 0 ? "MISS" : "HIT",
    },
    body: "<!doctype html><title>page</title>",
    delayMs: ANSWER_MS,
  });
}
