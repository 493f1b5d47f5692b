// no setting: refuse an answer without a length, compare, then rename
import { createWriteStream } from "node:fs";
import { rename, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

const [url, file] = process.argv.slice(2);
// A coded body has another length.
const answer = await fetch(url, { headers: { "accept-encoding": "identity" } });
if (!answer.ok) throw new Error(`status ${answer.status}`);
const length = answer.headers.get("content-length");
if (length === null && !answer.headers.has("transfer-encoding")) {
  throw new Error("no length: nothing would say that the file is whole");
}
await pipeline(answer.body, createWriteStream(`${file}.part`));
const { size } = await stat(`${file}.part`);
if (length !== null && size !== Number(length)) throw new Error(`${size} of ${length} bytes`);
await rename(`${file}.part`, file);
