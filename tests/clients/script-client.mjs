// Clients that are scripts: each command is a process that reads its arguments as JSON and prints its result as
// JSON. If the client reports an error, that is printed instead, and the process ends with another status than 0.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const timeout = 30_000;

/** Nothing of the environment may reach the clients: no proxy, no settings of the user. */
const env = {
  PATH: process.env.PATH,
  // oauthlib insists on TLS otherwise.
  OAUTHLIB_INSECURE_TRANSPORT: "1",
};

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));

export const pythonScript = (name) => [fromHere("../../target/clients-venv/bin/python"), "-B", fromHere(name)];
export const bashScript = (name) => ["bash", fromHere(name)];

class ScriptError extends Error {
  constructor({ code }, stdout, stderr) {
    super(`ended with ${code}:\n${stdout}${stderr}`);
    this.status = code;
    this.stdout = stdout;
  }

  /** The error that the client has reported. A script that failed by itself has none, only a message. */
  get report() {
    try {
      return JSON.parse(this.stdout);
    } catch {
      return {};
    }
  }
}

function run([file, ...args], input) {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { env, timeout }, (error, stdout, stderr) => {
      if (error) reject(new ScriptError(error, stdout, stderr));
      else resolve(stdout && JSON.parse(stdout));
    });
    // Whoever ends early does not read; the status tells why.
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(input));
  });
}

/** The client that a script is, as the matrix wants it. */
export const connectScript = (script) => (origin) => ({
  logIn: ({ door = "/oauth/token", ...login }) => run([...script, "log-in"], { url: origin + door, ...login }),
  refresh: (tokens) => run([...script, "refresh"], { url: `${origin}/oauth/token`, tokens }),
  revoke: (tokens) => run([...script, "revoke"], { url: `${origin}/oauth/revoke`, tokens }),
  call: (tokens, method, path, body) => run([...script, "call"], { url: origin + path, tokens, method, body }),
});
