// Node's fetch (undici): URL into FILE, as Node's documentation shows it.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [url, file] = process.argv.slice(2);
const response = await fetch(url);
if (!response.ok) throw new Error(`status ${response.status}`);
await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
