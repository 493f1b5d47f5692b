// Looks at a report.html in Chromium: node check.mjs REPORT. Prints what is wrong,
// one line each, and exits with 1; or exits with 0.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const url = pathToFileURL(process.argv[2]).href;
const faults = [];
const wrong = (where, what) => faults.push(`${where}: ${what}`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
  const where = `${scheme}, ${width} px`;
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.on("console", (message) => wrong(where, `console: ${message.text()}`));
  page.on("pageerror", (error) => wrong(where, `error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) wrong(where, `asks for ${request.url()}`);
  });
  await page.goto(url);
  // Everything is looked at, what folds too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));

  const seen = await page.evaluate(() => {
    const root = document.documentElement;
    const count = (selector) => document.querySelectorAll(selector).length;
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    const anchors = [...document.querySelectorAll('a[href^="#"]')].map((one) => one.hash.slice(1));
    const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5")].map((one) => Number(one.tagName[1]));
    const colour = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    return {
      finding: document.querySelector("h1")?.textContent ?? "",
      overflow: root.scrollWidth - root.clientWidth,
      // Scrolled sideways and not meant to.
      wide: [...document.querySelectorAll("main *")]
        .filter((one) => !one.closest(".scroll, svg") && one.getBoundingClientRect().right > root.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80)).slice(0, 3),
      rows: count(".matrix th[scope=row]"),
      sections: count("#scenarios ~ details"),
      unnamed: [...document.querySelectorAll("svg[role=img]")]
        .filter((one) => !one.querySelector("title")?.textContent || !one.querySelector("desc")?.textContent).length,
      pictures: count("svg[role=img]"),
      twice: ids.filter((id, index) => ids.indexOf(id) !== index),
      nowhere: anchors.filter((id) => !ids.includes(id)),
      jumps: levels.filter((level, index) => index > 0 && level > levels[index - 1] + 1).length,
      dark: colour[0] + colour[1] + colour[2] < 384,
    };
  });
  if (!/^\d+ of \d+ scenarios? .+\.$/.test(seen.finding)) wrong(where, `the finding is "${seen.finding}"`);
  if (seen.overflow > 0) wrong(where, `${seen.overflow} px wider than the screen: ${seen.wide.join(" ")}`);
  if (seen.rows === 0 || seen.rows !== seen.sections) wrong(where, `${seen.rows} rows, ${seen.sections} sections`);
  if (seen.pictures < 2 || seen.unnamed > 0) wrong(where, `${seen.unnamed} of ${seen.pictures} pictures have no title or description`);
  if (seen.twice.length > 0) wrong(where, `ids that occur twice: ${seen.twice.slice(0, 3)}`);
  if (seen.nowhere.length > 0) wrong(where, `anchors that lead nowhere: ${seen.nowhere.slice(0, 3)}`);
  if (seen.jumps > 0) wrong(where, `${seen.jumps} headings skip a level`);
  if (seen.dark !== (scheme === "dark")) wrong(where, "the background is of the other theme");

  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  for (const one of violations.filter(({ impact }) => impact === "serious" || impact === "critical")) {
    wrong(where, `${one.id} (${one.impact}), ${one.nodes.length} times: ${one.help}; ${one.nodes[0].html.slice(0, 200)}`);
  }
  await context.close();
}

// By keyboard: the first key offers to skip, later ones reach every section, and Enter opens it.
const page = await browser.newPage();
await page.goto(url);
const focused = () => page.evaluate(() => document.activeElement.className || document.activeElement.tagName);
await page.keyboard.press("Tab");
if ((await focused()) !== "skip") wrong("keyboard", `the first key leads to ${await focused()}`);
const stops = await page.evaluate(() => document.querySelectorAll("a, summary, [tabindex]").length);
let reached = false;
for (let press = 0; press < stops && !reached; press += 1) {
  await page.keyboard.press("Tab");
  reached = (await focused()) === "SUMMARY";
}
if (reached) {
  const open = () => page.evaluate(() => document.activeElement.parentElement.open);
  const before = await open();
  await page.keyboard.press("Enter");
  if ((await open()) === before) wrong("keyboard", "Enter does not open or close a section");
} else {
  wrong("keyboard", "no section is reached");
}

// On paper: what is closed takes a line, and all of it where that is wanted.
const sheets = async () => (await page.pdf()).toString("latin1").match(/\/Type \/Page\b/g)?.length ?? 0;
await page.goto(url);
const sections = await page.locator("#scenarios ~ details").count();
await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = false)));
const closed = await sheets();
const wish = page.locator("#print-all");
if (await wish.count()) {
  await wish.check();
  const all = await sheets();
  if (closed > 4 + sections / 5) wrong("paper", `${closed} sheets for ${sections} closed sections`);
  if (all < closed + sections) wrong("paper", `${closed} sheets closed, ${all} with all ${sections} sections`);
} else if (sections > 3) {
  wrong("paper", "there is nothing to choose");
}
await browser.close();

for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
