// Starts the real binary for a test, on a free port and a database of its own, and stops it again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const built = new URL("../../target/debug/taglink", import.meta.url);
const binary = process.env.TAGLINK_BIN ?? fileURLToPath(built);
const startTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Settings of whoever runs the tests must not reach the service under test. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TAGLINK")));
}

/**
 * Starts the service and waits until it is ready. Without `databaseUrl` it gets an SQLite file of its own; with
 * `publicUrl` it knows its own origin, as OAuth2 discovery needs it; `environment` is what else it is to be set to.
 * `stop` sends SIGTERM and fails unless the service ends with status 0.
 */
export async function startServer({ databaseUrl, publicUrl = false, environment = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "taglink-test-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const password = randomBytes(16).toString("base64");
  const child = spawn(binary, ["serve"], {
    cwd: folder,
    env: {
      ...cleanEnvironment(),
      TAGLINK__DATABASE__URL: databaseUrl ?? `sqlite:${join(folder, "taglink.db")}`,
      TAGLINK__SERVER__PORT: String(port),
      TAGLINK__AUTHENTICATION__SECRET_KEY: randomBytes(32).toString("hex"),
      TAGLINK__BOOTSTRAP__PASSWORD: password,
      ...(publicUrl && { TAGLINK__SERVER__PUBLIC_URL: origin }),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  // Listened to from the start: it may end at any time, also before anybody waits for it.
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(`could not be started: ${error.message}`));
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });

  const stop = async () => {
    child.kill("SIGTERM");
    const status = await Promise.race([ended, sleep(stopTimeoutMs, "still running", { ref: false })]);
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
    assert.equal(status, 0, `the service must end with status 0 at SIGTERM; it said:\n${output}`);
  };

  const server = { origin, port, username: "apiuser", password, stop };
  let early;
  ended.then((status) => (early = status));
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline && early === undefined; ) {
    const answer = await fetch(`${origin}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return server;
    await sleep(50);
  }
  child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
  throw new Error(`${binary} did not become ready (${early ?? "no answer in time"}); it said:\n${output}`);
}
