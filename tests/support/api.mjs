// What a test needs of the service before its own subject begins, by plain requests.
import assert from "node:assert/strict";

async function post(server, path, { headers, body }) {
  const answer = await fetch(server.origin + path, { method: "POST", headers, body });
  const text = await answer.text();
  assert.equal(answer.status, 200, `POST ${path}: ${text}`);
  return JSON.parse(text);
}

function postJson(server, path, accessToken, body) {
  const headers = { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" };
  return post(server, path, { headers, body: JSON.stringify(body) });
}

/** Logs in as the first user and returns the access token. */
async function logIn({ username, password, ...server }, scope) {
  const form = { grant_type: "password", username, password, ...(scope && { scope }) };
  const { access_token } = await post(server, "/oauth/token", { body: new URLSearchParams(form) });
  return access_token;
}

/** Makes an account and returns it. */
export async function createAccount(server, { email, password }) {
  return postJson(server, "/account/", await logIn(server, "admin"), { email, password });
}

/** Makes an API token that can do what the first user can without a scope. */
export async function createApiToken(server, name) {
  const { token } = await postJson(server, "/api-token/", await logIn(server), { name });
  return token;
}
