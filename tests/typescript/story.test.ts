// What a frontend does in its first minutes, through the generated types only.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, type Schemas, cursorOfNext, logIn } from "./client.js";
// @ts-expect-error: plain JavaScript, shared with the other suites
import { startServer } from "../../support/server.mjs";

let server: { origin: string; username: string; password: string; stop(): Promise<void> };
let api: Client;

before(async () => {
  server = await startServer();
  api = await logIn(server.origin, server);
});
after(() => server?.stop());

async function createLink(link: string, tag: string): Promise<Schemas["Link"]> {
  const { data, error } = await api.POST("/link/", { body: { link, tag, title: `About ${tag}` } });
  assert.ok(data, error?.detail);
  return data;
}

test("a link is stored, read with its tags, and found by its tag", async () => {
  const link = await createLink("https://example.com/a", "typescript");
  const { data } = await api.GET("/link/{link_id}", {
    params: { path: { link_id: link.link_id }, query: { include: "tags" } },
  });
  assert.deepEqual(data?.tags?.map((tag) => tag.tag), ["typescript"]);
  const found = await api.GET("/link/", { params: { query: { tag: "TypeScript" } } });
  assert.deepEqual(found.data?.map((found) => found.link_id), [link.link_id]);
});

test("an edit that would overwrite another is refused", async () => {
  const link = await createLink("https://example.com/b", "editing");
  const path = { link_id: link.link_id };
  const read = await api.GET("/link/{link_id}", { params: { path } });
  const etag = read.response.headers.get("etag") ?? "";
  const edit = (title: string) =>
    api.PATCH("/link/{link_id}", { params: { path, header: { "If-Match": etag } }, body: { title } });
  assert.equal((await edit("First")).data?.title, "First");
  const late = await edit("Second");
  assert.equal(late.response.status, 412);
  assert.equal(late.error?.code, "precondition_failed");
});

test("the tags of a link are set as a whole, and a tag is renamed", async () => {
  const link = await createLink("https://example.com/c", "old");
  const { data } = await api.PUT("/link/{link_id}/tags", {
    params: { path: { link_id: link.link_id } },
    body: { tags: ["one", "two"] },
  });
  assert.deepEqual(data?.tags?.map((tag) => tag.tag), ["one", "two"]);
  const tag_id = data?.tags?.[0]?.tag_id ?? "";
  const renamed = await api.PATCH("/tag/{tag_id}", { params: { path: { tag_id } }, body: { tag: "eins" } });
  assert.equal(renamed.data?.tag, "eins");
});

test("a list is read page by page", async () => {
  for (const number of [1, 2, 3]) await createLink(`https://example.com/page/${number}`, "pages");
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { tag: "pages", limit: 2, ...(cursor !== undefined && { cursor }) };
    const page = await api.GET("/link/", { params: { query } });
    seen.push(...(page.data ?? []).map((link) => link.link));
    cursor = await cursorOfNext(page.response);
  } while (cursor !== undefined);
  assert.deepEqual(seen, [1, 2, 3].map((number) => `https://example.com/page/${number}`));
});

test("an error has a code, and the places that are wrong", async () => {
  const { error, response } = await api.POST("/link/", { body: { link: "javascript:alert(1)", tag: "x" } });
  assert.equal(response.status, 422);
  assert.equal(error?.code, "validation_failed");
  assert.deepEqual(error?.errors?.[0]?.loc, ["body", "link"]);
  const missing = await api.GET("/link/{link_id}", { params: { path: { link_id: "blah" } } });
  assert.equal(missing.error?.detail, "Link with link_id blah not found");
});

test("an account works with what is its own", async () => {
  const admin = await logIn(server.origin, { ...server, scope: "admin" });
  const login = { email: "alice@example.org", password: "correct horse battery" };
  const account = await admin.POST("/account/", { body: login });
  assert.ok(account.data, account.error?.detail);
  const alice = await logIn(server.origin, { username: login.email, password: login.password, scope: "account" });
  const created = await alice.POST("/tag/", { body: { tag: "mine" } });
  assert.equal(created.data?.account_id, account.data.account_id);
  assert.deepEqual((await alice.GET("/tag/")).data?.map((tag) => tag.tag), ["mine"]);
  assert.deepEqual((await alice.GET("/link/")).data, []);
});
