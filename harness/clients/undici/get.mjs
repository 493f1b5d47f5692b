// undici's fetch: each URL into its FILE, as Node's documentation shows it.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { fetch } from "undici";

const words = process.argv.slice(2);
for (let at = 0; at < words.length; at += 2) {
  const response = await fetch(words[at]);
  if (!response.ok) throw new Error(`status ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(words[at + 1]));
}
