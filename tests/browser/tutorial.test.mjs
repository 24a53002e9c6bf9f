// The tutorial's requests against the real binary, on each database. The two servers are those of
// scripts/with-databases.sh; without them only SQLite is tried, and the others are reported as skipped.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "../support/server.mjs";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../scripts/tutorial-test.sh", import.meta.url));

/** Runs SQL with the database's own client on the server that a URL names. */
const clients = {
  postgres: (url, sql) => run("psql", ["--no-psqlrc", "--quiet", `--command=${sql}`, url.href]),
  mariadb(url, sql) {
    const user = decodeURIComponent(url.username);
    const where = [`--host=${url.hostname}`, `--port=${url.port || 3306}`, `--user=${user}`];
    const env = { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) };
    return run("mariadb", ["--no-defaults", "--protocol=tcp", ...where, `--execute=${sql}`], { env });
  },
};

/** Calls `use` with the URL of a new database on that server. */
async function withNewDatabase(kind, server, use) {
  const name = `taglink_tutorial_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await clients[kind](new URL(server), `CREATE DATABASE ${name}`);
  try {
    await use(url.href);
  } finally {
    await clients[kind](new URL(server), `DROP DATABASE ${name}`);
  }
}

async function answerAsTheTutorialExpects(databaseUrl) {
  const service = await startServer({ databaseUrl });
  try {
    const env = { ...process.env, PASSWORD: service.password };
    await run(script, [`127.0.0.1:${service.port}`], { env }).catch((error) =>
      assert.fail(`${error.stdout}${error.stderr}`),
    );
  } finally {
    await service.stop();
  }
}

test("the tutorial's requests get the answers of the contract on sqlite", () => answerAsTheTutorialExpects());

for (const kind of ["postgres", "mariadb"]) {
  const variable = `TAGLINK_TEST_${kind.toUpperCase()}_URL`;
  const server = process.env[variable];
  const skip = !server && `${variable} is not set`;
  test(`the tutorial's requests get the answers of the contract on ${kind}`, { skip }, () =>
    withNewDatabase(kind, server, answerAsTheTutorialExpects),
  );
}
