import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A finding of the accessibility scan. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

export function openBrowser(executablePath: string): Promise<Browser> {
  // Chromium's sandbox does not work for root, as whom containers run their tests.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Somebody who uses the console, and all that goes wrong meanwhile. */
export class Visitor {
  readonly page: Page;
  /** What the browser's own console says in red, and what scripts throw. */
  readonly faults: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.faults.push(error.message));
  }

  static async arrive(browser: Browser, options: BrowserContextOptions): Promise<Visitor> {
    const context = await browser.newContext(options);
    return new Visitor(await context.newPage());
  }

  /** What a scan of the page finds that keeps somebody from using it. */
  async barriers(): Promise<string[]> {
    // Not as a script of the page, which its policy would refuse.
    const violations: readonly Violation[] = await this.page.evaluate(
      `${AXE}; axe.run().then((r) => r.violations)`,
    );
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
      );
  }

  /** Whether something is wider than the window, so that the page would have to be pushed about. */
  overflows(): Promise<boolean> {
    return this.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
  }

  /** For the documentation, where somebody asked for pictures: in the directory that BEE_PICTURES names. */
  async keepPicture(name: string): Promise<void> {
    const folder = process.env["BEE_PICTURES"];
    if (folder === undefined) return;
    // What was said of the step before is in the way.
    const show = (display: string) =>
      this.page.evaluate(`document.querySelector(".toasts").style.display = "${display}"`);
    await show("none");
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
    await show("");
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
