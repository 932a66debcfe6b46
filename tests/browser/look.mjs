// Looks at pages in a real browser. Reads a job as JSON on standard input, writes the findings as JSON.
//   {"browser": PATH, "profile": EMPTY_DIR, "kind": "vectors", "page": URL, "vectors": [...]}
//   {"browser": PATH, "profile": EMPTY_DIR, "kind": "pages", "pages": [{"url", "shots": PREFIX|null, "pdf": PATH|null}]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const job = JSON.parse(readFileSync(0, "utf-8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const browser = await puppeteer.launch({
  executablePath: job.browser,
  headless: true,
  userDataDir: job.profile,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const FIELDS = ["target", "profile", "environment", "supplier", "product", "challenge", "assurance"];

async function vectors() {
  const found = [];
  const page = await browser.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.evaluateOnNewDocument(() => {
    Date.now = () => Number(globalThis.name || 0);
  });
  await page.goto(job.page);
  const input = await page.$("#file");
  const give = async (store) => {
    const before = await page.$eval("#store-said", (node) => node.dataset.count ?? "0");
    await (await page.$("#store-file")).uploadFile(store);
    await page.waitForFunction((count) => (document.getElementById("store-said").dataset.count ?? "0") !== count, { timeout: 10000 }, before);
  };
  if (job.store) await give(job.store);
  for (const vector of job.vectors) {
    await page.evaluate((clock) => { globalThis.name = String(Date.parse(clock)); }, vector.clock);
    for (const store of [vector.store ?? []].flat()) await give(store);
    const before = await page.evaluate((fields, expect) => {
      for (const field of fields) document.getElementById(field).value = expect[field] ?? "";
      document.getElementById("file").value = "";
      return document.getElementById("outcome").dataset.count ?? "0";
    }, FIELDS, vector.expectations);
    await input.uploadFile(vector.path);
    await page.waitForFunction((count) => (document.getElementById("outcome").dataset.count ?? "0") !== count, { timeout: 10000 }, before);
    found.push(await page.evaluate((name) => {
      const box = document.getElementById("outcome");
      return { name, exit: Number(box.dataset.exit), reason: box.dataset.code, text: box.innerText, nodes: box.querySelectorAll("script,img,a").length, store: document.getElementById("store-said").textContent };
    }, vector.name));
  }
  return { found, requests: requests.filter((url) => !url.startsWith("file:")), store: await page.$eval("#store-said", (node) => node.textContent) };
}

// Files dropped one after the other: {"name", "path", "delay" (of reading it; below 0: it cannot be read)}.
async function drops() {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument((clock) => { Date.now = () => Date.parse(clock); }, job.clock);
  await page.goto(job.page);
  return { found: await page.evaluate(async (rounds) => {
    const read = File.prototype.arrayBuffer;
    const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const box = document.getElementById("outcome");
    const found = [];
    for (const files of rounds) {
      const delays = Object.fromEntries(files.map((file) => [file.name, file.delay ?? 0]));
      File.prototype.arrayBuffer = async function () {
        await wait(Math.abs(delays[this.name]));
        if (delays[this.name] < 0) throw new DOMException("gone", "NotReadableError");
        return read.call(this);
      };
      for (const file of files) {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([Uint8Array.from(atob(file.data), (one) => one.charCodeAt(0))], file.name));
        document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      }
      const hidden = box.hidden;
      await wait(1500);
      found.push({ hidden, shown: !box.hidden, reason: box.dataset.code, text: box.textContent });
    }
    return found;
  }, job.rounds.map((files) => files.map((file) => ({ ...file, data: readFileSync(file.path, "base64") })))) };
}

async function pages() {
  const found = [];
  for (const wanted of job.pages) {
    const page = await browser.newPage();
    await page.setBypassCSP(false);
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    const result = { url: wanted.url, violations: [], incomplete: [], overflow: {} };
    for (const width of [320, 1280]) {
      await page.setViewport({ width, height: 900 });
      await page.goto(wanted.url);
      result.overflow[width] = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      // Words of ordinary length in the cells of tables that are broken over two lines without a hyphen.
      result.broken = [...(result.broken ?? []), ...(await page.evaluate(() => {
        const found = [];
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node; node = texts.nextNode()) {
          if (!node.parentElement.closest("th,td")) continue;
          for (const word of node.data.matchAll(/[A-Za-z]{2,16}/g)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
          }
        }
        return found;
      }))];
      if (wanted.shots) await page.screenshot({ path: `${wanted.shots}-${width}.png`, fullPage: wanted.full ?? false });
    }
    result.scripts = await page.evaluate(() => document.scripts.length);
    await page.evaluate(axe);
    const report = await page.evaluate(() => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }));
    const short = (entries) => entries.map((entry) => ({ id: entry.id, nodes: entry.nodes.slice(0, 3).map((node) => node.html) }));
    result.violations = short(report.violations);
    result.incomplete = short(report.incomplete);
    if (wanted.pdf) await page.pdf({ path: wanted.pdf, format: "A4", tagged: true });
    result.requests = requests.filter((url) => !url.startsWith("file:"));
    found.push(result);
    await page.close();
  }
  return { found };
}

try {
  const result = await { vectors, drops, pages }[job.kind]();
  process.stdout.write(JSON.stringify(result));
} finally {
  await browser.close();
}
