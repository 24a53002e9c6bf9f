// node lint.mjs FILE: Redocly's linter on an OpenAPI document, with the rules of redocly.yaml in this folder.
// Its library, not its command line, which brings a documentation renderer ten times the size.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url); // it is a CommonJS package
const { formatProblems, getTotals, lint, loadConfig } = require("@redocly/openapi-core");

const configPath = fileURLToPath(new URL("redocly.yaml", import.meta.url));
const problems = await lint({ ref: process.argv[2], config: await loadConfig({ configPath }) });
const totals = getTotals(problems);
formatProblems(problems, { format: "stylish", totals, version: "" });
console.log(`${process.argv[2]}: ${totals.errors} errors, ${totals.warnings} warnings`);
process.exitCode = totals.errors + totals.warnings > 0 ? 1 : 0;
