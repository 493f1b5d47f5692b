// no setting: an AbortController, and the bytes of each 30 s counted
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const [url, file] = process.argv.slice(2);
const control = new AbortController();
let came = 0;
const look = setInterval(() => {
  if (came < 10 * 30) control.abort(new Error(`${came} bytes in 30 s`));
  came = 0;
}, 30_000);

async function* counted(body) {
  for await (const piece of body) {
    came += piece.length;
    yield piece;
  }
}

try {
  const answer = await fetch(url, { signal: control.signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  await pipeline(counted(answer.body), createWriteStream(file));
} finally {
  clearInterval(look);
}
