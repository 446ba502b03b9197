// Reads an AsyncAPI document as the official parser does: node asyncapi.mjs FILE. Prints what it objects to, of
// whatever severity, and fails where there is anything.
import { readFileSync } from "node:fs";
import parser from "@asyncapi/parser";

const { document, diagnostics } = await new parser.Parser().parse(readFileSync(process.argv[2], "utf8"));
for (const { code, message, path } of diagnostics) console.error(`${code} at ${path.join(".")}: ${message}`);
const operations = document?.operations().all().length ?? 0;
console.log(`${operations} operations read`);
process.exitCode = diagnostics.length > 0 || operations === 0 ? 1 : 0;
