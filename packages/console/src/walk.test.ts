import { type DemoSite, findProgram, startDemoSite } from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { type LiveFleet, startLiveFleet } from "./testing/fleet.ts";
import { openBrowser, Visitor } from "./testing/visitor.ts";

// One fleet for all, because it takes seconds to start; everything is waited for by what the page shows.
jest.setTimeout(400_000);
const PATIENCE_MS = 60_000;

const chromium = findProgram("chromium");
const withBrowser = chromium === null ? describe.skip : describe;

withBrowser("somebody who walks through the whole console", () => {
  let fleet: LiveFleet;
  let site: DemoSite;
  let browser: Browser;
  beforeAll(async () => {
    site = await startDemoSite({ originDelayMs: 0, slowMs: 900 });
    [fleet, browser] = await Promise.all([startLiveFleet(), openBrowser(chromium!)]);
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.stop();
    await site?.stop();
  });

  test.each([
    { name: "at a desk", width: 1280, height: 800 },
    { name: "on a phone", width: 390, height: 844 },
  ])("$name", async ({ width, height }) => {
    const visitor = await Visitor.arrive(browser, { viewport: { width, height } });
    const { page } = visitor;
    page.setDefaultTimeout(PATIENCE_MS);
    const isFine = async (name: string) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await visitor.barriers()).toEqual([]);
        await visitor.keepPicture(`${name}-${width}-${colorScheme}`);
      }
      expect(await visitor.overflows()).toBe(false);
    };
    const heading = (name: string) => page.getByRole("heading", { name, level: 1 }).waitFor();
    const nav = (name: string) => page.getByRole("navigation").getByRole("link", { name }).click();
    const button = (name: string) => page.getByRole("button", { name, exact: true });

    // Signs in.
    await page.goto(fleet.url);
    await page.getByLabel("API key").waitFor();
    await isFine("sign-in");
    await page.getByLabel("API key").fill(fleet.key);
    await button("Sign in").click();
    await heading("Jobs");
    await page.getByText("Live").waitFor({ state: "attached" });
    await isFine("jobs");

    // Looks at what a job would do.
    await button("New job").first().click();
    await page.getByLabel("Site", { exact: true }).fill(site.url);
    await button("Look first").click();
    const preview = page.getByRole("region", { name: "What will happen" });
    await preview.waitFor();
    const { pages, outcomes } = site.expected;
    expect(await preview.textContent()).toMatch(
      new RegExp(
        `${pages - outcomes.disallowed!}\\s+to visit; ${outcomes.disallowed} forbidden by robots.txt`,
      ),
    );
    await isFine("new-job");

    // Submits it, and watches it finish without touching anything.
    await button("Start").click();
    await heading(new URL(site.url).host);
    await page.getByText("completed", { exact: true }).first().waitFor();
    await page.getByText(`${pages} of ${pages} pages`).waitFor();
    await page.getByRole("heading", { name: "Time to the first byte" }).waitFor();
    await isFine("job");

    // Finds the pages that are broken.
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("broken");
    await page.getByText(`1 to ${outcomes.broken}`, { exact: true }).waitFor();

    // Opens the report.
    const opened = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Report" }).click();
    const report = await opened;
    await report.getByText(/^checked \d+ of \d+; 0 blocked; 0 not reachable$/).waitFor();
    await report.close();

    // Changes the rule of the domain, pauses it and lets it go on.
    await nav("Domains");
    await heading("Domains");
    await isFine("domains");
    await page.getByRole("link", { name: "garden.test" }).click();
    await heading("garden.test");
    await button("Edit the rule").click();
    await page.getByLabel("Requests a second").fill("25");
    await isFine("rule");
    await button("Put it in force").click();
    await page.getByText("set by an operator").waitFor();
    await page.getByText("25/s").first().waitFor();
    await button("Pause").click();
    await page.getByText("paused", { exact: true }).waitFor();
    await isFine("domain");
    await button("Resume").click();
    await page.getByText("open", { exact: true }).waitFor();
    await button("Take the rule back").click();
    await page.getByText("from BEE_RULES").or(page.getByText("the default")).first().waitFor();

    // Looks at the fleet and at the alerts.
    await nav("Fleet");
    await heading("Fleet");
    await page.getByRole("region", { name: "Workers" }).last().waitFor();
    await isFine("fleet");
    await nav("Alerts");
    await heading("Alerts");
    await isFine("alerts");

    // Creates a key and revokes it.
    const name = `of ${width}`;
    await nav("Keys");
    await heading("Keys");
    await button("New key").click();
    await page.getByLabel("Name").fill(name);
    await button("Create the key").click();
    expect(await page.locator(".secret").textContent()).toMatch(/^bee_/);
    await isFine("new-key");
    await button("I have kept it").click();
    await page.getByRole("button", { name: `Revoke ${name}` }).click();
    await button("Revoke the key").click();
    await page.getByRole("row", { name }).getByText("revoked", { exact: true }).waitFor();
    await isFine("keys");

    // Signs out.
    await button("Sign out").click();
    await page.getByLabel("API key").waitFor();
    expect(visitor.faults).toEqual([]);
    await visitor.leave();
  });

  test("a key that nobody has is refused in words", async () => {
    const visitor = await Visitor.arrive(browser, {});
    await visitor.page.goto(fleet.url);
    await visitor.page.getByLabel("API key").fill("bee_nobody");
    await visitor.page.getByRole("button", { name: "Sign in" }).click();
    await visitor.page.getByText("This key is unknown, revoked or expired.").waitFor();
    await visitor.leave();
  });

  test("who may only look is offered no orders, and sees only what is its own", async () => {
    const made = await fetch(`${fleet.url}/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${fleet.key}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "looks on", plan: "standard", readOnly: true }),
    });
    const { secret } = (await made.json()) as { secret: string };
    const visitor = await Visitor.arrive(browser, {});
    const { page } = visitor;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(fleet.url);
    await page.getByLabel("API key").fill(secret);
    await page.keyboard.press("Enter");
    await page.getByText("No job yet").waitFor();
    await page.getByText("standard, read-only").waitFor();
    expect(await page.getByRole("button", { name: "New job" }).isDisabled()).toBe(true);
    expect(await page.getByRole("navigation").getByRole("link").allTextContents()).toEqual([
      "Jobs",
      "Fleet",
      "Domains",
    ]);
    await visitor.leave();
  });

  test("by the keyboard alone a job is submitted and cancelled", async () => {
    const visitor = await Visitor.arrive(browser, {});
    const { page } = visitor;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(fleet.url);
    await page.getByLabel("API key").focus();
    await page.keyboard.type(fleet.key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
    await page.keyboard.press("n");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("n");
    await page.getByLabel("Site", { exact: true }).waitFor();
    // The field has the focus: the dialog is there for it.
    await page.keyboard.type("http://nobody.test:1/");
    await page.getByRole("button", { name: "Start" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("failed", { exact: true }).first().waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("A");
    await visitor.leave();
  });
});
