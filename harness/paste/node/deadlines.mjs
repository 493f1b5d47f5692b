// fetch waits 300 s for bytes: an AbortController with a timer of 60 s
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const [url, file] = process.argv.slice(2);
const control = new AbortController();
const late = () => control.abort(new Error("no byte for 60 s"));
let timer = setTimeout(late, 60_000);

async function* watched(body) {
  for await (const piece of body) {
    clearTimeout(timer);
    yield piece; // while the disk writes, nobody waits for the server
    timer = setTimeout(late, 60_000);
  }
}

try {
  const answer = await fetch(url, { signal: control.signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  await pipeline(watched(answer.body), createWriteStream(file));
} finally {
  clearTimeout(timer);
}
