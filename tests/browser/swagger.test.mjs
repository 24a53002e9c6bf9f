// Swagger UI as a user meets it: a real browser, the real binary. Each test has a service and a browser
// profile of its own.
import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { createAccount, createApiToken } from "../support/api.mjs";
import { startServer } from "../support/server.mjs";

const timeoutMs = 15_000;
const passwordScheme = "OAuth2PasswordBearer";
const tokenScheme = "ApiToken";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
flags.push("--disable-background-networking", "--disable-component-update", "--disable-sync");

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(":").concat("/usr/bin");
  const names = ["chromium", "chromium-browser", "google-chrome"];
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not this one.
    }
  }
  throw new Error("no Chromium found: install it, or name it in CHROMIUM");
}

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), headless: true, args: flags });
});
after(() => browser?.close());

/** What should not happen while a page is in use: complaints of the browser, failures, requests elsewhere. */
function watch(page, origin) {
  const problems = [];
  page.on("console", (message) => {
    // A failed request is reported below, with its method.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.method()} ${request.url()}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const inPage = ["data:", "blob:"].includes(url.protocol);
    if (!inPage && url.origin !== origin) problems.push(`elsewhere: ${url}`);
  });
  page.on("response", (response) => {
    const request = `${response.request().method()} ${response.url().replace(origin, "")}`;
    if (response.status() >= 400) problems.push(`${response.status()}: ${request}`);
  });
  return problems;
}

/** A test with a running service and an empty browser profile; on failure the page is saved as a picture. */
function browserTest(rule, body) {
  test(rule, { timeout: 120_000 }, async () => {
    const server = await startServer();
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
      context.setDefaultTimeout(timeoutMs);
      const page = await context.newPage();
      try {
        await body({ page, server, problems: watch(page, server.origin) });
      } catch (error) {
        const picture = join(tmpdir(), `taglink-${rule.replace(/\W+/g, "-")}.png`);
        await page.screenshot({ path: picture, fullPage: true }).catch(() => {});
        console.error(`what the page looked like: ${picture}`);
        throw error;
      } finally {
        await context.close();
      }
    } finally {
      await server.stop();
    }
  });
}

async function openDocs(page, server, path = "/docs/") {
  await page.goto(server.origin + path);
  await docsAreShown(page);
}

async function docsAreShown(page) {
  await page.locator(".swagger-ui .info .title", { hasText: /taglink/i }).waitFor();
  await page.locator('[id$="-list_tags"]').waitFor();
}

/** Opens the dialog and returns its part for one of the security schemes. */
async function openDialog(page, scheme = passwordScheme) {
  await page.locator(".scheme-container .btn.authorize").click();
  return page.locator(".dialog-ux .auth-container").filter({ has: page.locator("h4", { hasText: scheme }) });
}

async function closeDialog(page) {
  await page.locator(".dialog-ux .close-modal").click();
  await page.locator(".dialog-ux").waitFor({ state: "detached" });
}

// By its text: the accessible names of these buttons differ from version to version.
const dialogButton = (dialog, text) =>
  dialog.locator(".auth-btn-wrapper button").getByText(text, { exact: true });

async function submitLogin(dialog, { username, password, scopes = [] }) {
  await dialog.locator("#oauth_username").fill(username);
  await dialog.locator("#oauth_password").fill(password);
  for (const scope of scopes) {
    // The box itself is hidden behind its label.
    await dialog.locator(`label[for="${scope}-password-checkbox-${passwordScheme}"]`).click();
  }
  await dialogButton(dialog, "Authorize").click();
}

async function logIn(page, login) {
  const dialog = await openDialog(page);
  await submitLogin(dialog, login);
  await dialogButton(dialog, "Logout").waitFor();
  await closeDialog(page);
}

/**
 * "Execute" on an operation, as it is filled in or with another `body` ("Try it out" is on); what the page then
 * shows of the answer.
 */
async function tryItOut(page, operationId, body) {
  const operation = page.locator(`[id$="-${operationId}"]`);
  await operation.locator(".opblock-summary-control").click();
  if (body) await operation.locator("textarea.body-param__text").fill(JSON.stringify(body));
  await operation.locator(".btn.execute").click();
  const answer = operation.locator(".live-responses-table .response").first();
  const status = await answer.locator(".response-col_status").innerText();
  const text = await answer.locator(".response-col_description .highlight-code pre").first().innerText();
  return { status: Number.parseInt(status, 10), body: text.trim() };
}

for (const path of ["/docs", "/docs/"]) {
  browserTest(`${path} shows the documentation and the browser has nothing to complain about`, async (t) => {
    await openDocs(t.page, t.server, path);
    await t.page.waitForLoadState("networkidle");
    assert.deepEqual(t.problems, []);
  });
}

browserTest("a user who logs in with the Authorize dialog can try out requests", async (t) => {
  await openDocs(t.page, t.server);
  await logIn(t.page, t.server);

  const tags = await tryItOut(t.page, "list_tags");
  assert.equal(tags.status, 200, tags.body);
  assert.match(tags.body, /^\[\s*\]$/);

  const link = await tryItOut(t.page, "create_link");
  assert.equal(link.status, 200, `the example of create_link must be accepted as it is: ${link.body}`);
  assert.match(link.body, /"link_id"/);

  assert.deepEqual(t.problems, []);
});

const newLink = { link: "https://example.org/", tag: "reading" };

browserTest("the scope admin can be had in the dialog, and then a link needs an account", async (t) => {
  await openDocs(t.page, t.server);
  await logIn(t.page, { ...t.server, scopes: ["admin"] });

  const link = await tryItOut(t.page, "create_link", newLink);
  assert.equal(link.status, 422, link.body);
  assert.match(link.body, /The account_id field is required for the admin scope/);

  assert.deepEqual(t.problems, ["422: POST /link/"]);
});

browserTest("with the scopes admin and read nothing can be changed", async (t) => {
  await openDocs(t.page, t.server);
  await logIn(t.page, { ...t.server, scopes: ["admin", "read"] });

  const tags = await tryItOut(t.page, "list_tags");
  assert.equal(tags.status, 200, tags.body);
  const link = await tryItOut(t.page, "create_link", newLink);
  assert.equal(link.status, 401, link.body);
  assert.match(link.body, /Not enough permissions/);

  assert.deepEqual(t.problems, ["401: POST /link/"]);
});

browserTest("an account that logs in with the scope account owns what it creates", async (t) => {
  const person = { email: "ann+links@example.org", password: "a password of her own" };
  const account = await createAccount(t.server, person);
  await openDocs(t.page, t.server);
  await logIn(t.page, { username: person.email, password: person.password, scopes: ["account"] });

  const link = await tryItOut(t.page, "create_link", newLink);
  assert.equal(link.status, 200, link.body);
  assert.equal(JSON.parse(link.body).account_id, account.account_id);

  assert.deepEqual(t.problems, []);
});

browserTest("an API token can be used by its own part of the dialog", async (t) => {
  const token = await createApiToken(t.server, "documentation");
  await openDocs(t.page, t.server);
  const dialog = await openDialog(t.page, tokenScheme);
  await dialog.locator("#auth-bearer-value").fill(token);
  await dialogButton(dialog, "Authorize").click();
  await dialogButton(dialog, "Logout").waitFor();
  await closeDialog(t.page);

  const tags = await tryItOut(t.page, "list_tags");
  assert.equal(tags.status, 200, tags.body);
  const link = await tryItOut(t.page, "create_link", newLink);
  assert.equal(link.status, 200, link.body);

  assert.deepEqual(t.problems, []);
});

browserTest("a login outlives a reload of the page", async (t) => {
  await openDocs(t.page, t.server);
  await logIn(t.page, t.server);
  await t.page.reload();
  await docsAreShown(t.page);

  await dialogButton(await openDialog(t.page), "Logout").waitFor();
  await closeDialog(t.page);
  const tags = await tryItOut(t.page, "list_tags");
  assert.equal(tags.status, 200, tags.body);

  assert.deepEqual(t.problems, []);
});

browserTest("a wrong password is reported in the dialog and leaves the user logged out", async (t) => {
  await openDocs(t.page, t.server);
  const dialog = await openDialog(t.page);
  await submitLogin(dialog, { username: t.server.username, password: "not the password" });
  await dialog.locator(".errors").filter({ hasText: "Auth Error" }).filter({ hasText: "invalid_grant" }).waitFor();
  assert.equal(await dialogButton(dialog, "Logout").count(), 0);
  await closeDialog(t.page);

  const tags = await tryItOut(t.page, "list_tags");
  assert.equal(tags.status, 401, tags.body);
  assert.match(tags.body, /Not authenticated/);

  assert.deepEqual(t.problems, ["400: POST /oauth/token", "401: GET /tag/?limit=100"]);
});
