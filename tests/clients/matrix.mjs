// What every OAuth2 client has to be able to do with the service. Each client has a service of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAccount } from "../support/api.mjs";
import { startServer } from "../support/server.mjs";

const timeout = 60_000;
const tutorialDoor = "/token/";
// Letters and signs that a form has to encode.
const person = { email: "ann+links@example.org", password: "käse & 50 % = brot?" };
const wrongPassword = "not the password";

/** The scopes of a token; some libraries turn them into a list. */
const scopesOf = ({ scope = [] }) => [scope].flat().join(" ");

/**
 * Tests one client.
 *
 * `connect(origin)` returns it as a set of functions: `logIn({ username, password, scope, door })` and
 * `refresh(tokens)` return tokens, `revoke(tokens)` returns nothing; all of them throw if the library reports an
 * error. `door` is where to log in, if that is not /oauth/token. `call(tokens, method, path, body)` returns the
 * `status` and the `body` of an answer, be it good or bad. `metadata` is what a client with `discovers` has found.
 *
 * `describe(error)` says how the library reported an error, which is compared with what `errors` holds for it.
 */
export function testClient(name, { connect, discovers = false, describe, errors }) {
  let server, client, account;
  const clientTest = (rule, body) => test(`${name}: ${rule}`, { timeout }, body);

  before(async () => {
    server = await startServer({ publicUrl: true });
    account = await createAccount(server, person);
    client = await connect(server.origin);
  });
  after(() => server?.stop());

  const logIn = (login) => client.logIn({ username: server.username, password: server.password, ...login });

  const createLink = (tokens, members) =>
    client.call(tokens, "POST", "/link/", { link: "https://example.org/", tag: name, ...members });

  async function assertReads(tokens) {
    const answer = await client.call(tokens, "GET", "/tag/");
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.ok(Array.isArray(answer.body));
  }

  async function assertCreatesLink(tokens, members) {
    const answer = await createLink(tokens, members);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(typeof answer.body.link_id, "string");
    return answer.body;
  }

  async function assertRefused(promise, expected) {
    const error = await promise.then(
      (result) => assert.fail(`taken for a success: ${JSON.stringify(result)}`),
      (error) => error,
    );
    const reported = describe(error);
    assert.deepEqual(reported, expected, `reported as ${JSON.stringify(reported)}: ${error.message}`);
  }

  /** Logs in, and does with the token what `use` does, before and after it was refreshed. */
  async function logInAndRefresh({ scope, ...login }, use) {
    const first = await logIn({ scope, ...login });
    assert.equal(scopesOf(first), scope ?? "");
    await assertReads(first);
    await use(first);

    const second = await client.refresh(first);
    assert.equal(scopesOf(second), scope ?? "");
    assert.notEqual(second.access_token, first.access_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    await assertReads(second);
    await use(second);
  }

  if (discovers) {
    clientTest("discovers where to log in from the origin alone", () => {
      const { token_endpoint, revocation_endpoint, grant_types_supported } = client.metadata;
      assert.equal(token_endpoint, `${server.origin}/oauth/token`);
      assert.equal(revocation_endpoint, `${server.origin}/oauth/revoke`);
      assert.deepEqual([...grant_types_supported].sort(), ["password", "refresh_token"]);
    });
  }

  clientTest("login without a scope, calls, refresh, calls", () => logInAndRefresh({}, assertCreatesLink));

  clientTest("login with scope admin, calls, refresh, calls", () =>
    logInAndRefresh({ scope: "admin" }, async (tokens) => {
      const link = await assertCreatesLink(tokens, { account_id: account.account_id });
      assert.equal(link.account_id, account.account_id);
    }),
  );

  clientTest("login with scope admin read, calls, refresh, calls", () =>
    logInAndRefresh({ scope: "admin read" }, async (tokens) => {
      const { status, body } = await createLink(tokens, { account_id: account.account_id });
      assert.deepEqual([status, body.detail], [401, "Not enough permissions"]);
    }),
  );

  clientTest("login as an account, calls, refresh, calls", () =>
    logInAndRefresh({ scope: "account", username: person.email, password: person.password }, async (tokens) => {
      const link = await assertCreatesLink(tokens);
      assert.equal(link.account_id, account.account_id);
    }),
  );

  clientTest("after revocation neither token is good", async () => {
    const tokens = await logIn();
    await client.revoke(tokens);
    await assertRefused(client.refresh(tokens), errors.revoked);
    const { status, body } = await client.call(tokens, "GET", "/tag/");
    assert.deepEqual([status, body.detail], [401, "Could not validate credentials"]);
  });

  clientTest("a wrong password is an error", () =>
    assertRefused(logIn({ password: wrongPassword }), errors.wrongPassword),
  );

  clientTest("a scope that cannot be had is an error", () =>
    assertRefused(logIn({ scope: "nonsense" }), errors.scope),
  );

  clientTest("login at the tutorial's /token/, calls", async () => {
    const tokens = await logIn({ door: tutorialDoor });
    await assertReads(tokens);
    await assertCreatesLink(tokens);
  });

  clientTest("a wrong password at the tutorial's /token/ is an error", () =>
    assertRefused(logIn({ door: tutorialDoor, password: wrongPassword }), errors.wrongPasswordTutorial),
  );
}
