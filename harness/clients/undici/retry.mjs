// undici's fetch by its RetryAgent, as its documentation shows it: URL into FILE.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { Agent, fetch, RetryAgent } from "undici";

const [url, file] = process.argv.slice(2);
const dispatcher = new RetryAgent(new Agent());
const response = await fetch(url, { dispatcher });
if (!response.ok) throw new Error(`status ${response.status}`);
await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
