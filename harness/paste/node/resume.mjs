// no setting (undici has RetryAgent): a loop with Range and If-Range
import { open, rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);
const [url, file] = process.argv.slice(2);
const out = await open(`${file}.part`, "w");
let size = 0, tag = null, total = null;

class Final extends Error {}

/** Adds what one answer brings. True if that is all. */
async function attempt(signal, alive) {
  // Without a strong tag nothing says that the rest is of the same object.
  const have = tag ? size : 0;
  if (have && have === total) return true;
  const headers = { "accept-encoding": "identity" }; // a range is one of the coded bytes
  if (have) Object.assign(headers, { range: `bytes=${have}-`, "if-range": tag });
  const answer = await fetch(url, { headers, signal });
  const get = (name) => answer.headers.get(name);
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(get("content-range") ?? "");
  if (have && answer.status === 416 && get("content-range") === `bytes */${have}`) return true;
  if (have && answer.status === 206) {
    const all = range && range[2] !== "*" ? Number(range[2]) : total;
    const fits = range && Number(range[1]) === have && get("etag") === tag;
    if (!fits || (total !== null && total !== all)) {
      tag = null;
      throw new Error(`another range: ${get("content-range")}`);
    }
    total = all;
  } else if (answer.status === 200) {
    await out.truncate(0);
    size = 0;
    tag = get("etag")?.startsWith('"') ? get("etag") : null;
    total = get("content-length") === null ? null : Number(get("content-length"));
    if (total === null && get("transfer-encoding") === null) {
      throw new Final("no length: nothing would say that the file is whole");
    }
  } else {
    if (answer.status === 416) tag = null;
    else if (!BUSY.has(answer.status)) throw new Final(`status ${answer.status}`);
    const after = Number(get("retry-after") ?? NaN);
    throw Object.assign(new Error(`status ${answer.status}`), { after });
  }
  for await (const piece of answer.body) {
    alive();
    await out.write(piece, 0, piece.length, size).catch((error) => {
      throw new Final(error.message);
    });
    size += piece.length;
  }
  if (total === null) return answer.status === 200; // the last chunk has come
  if (size > total) tag = null;
  return size === total;
}

let failed = 0, most = 0, why = null;
for (;;) {
  const control = new AbortController();
  const late = () => control.abort(new Error("no byte for 60 s"));
  let timer = setTimeout(late, 60_000);
  const alive = () => { clearTimeout(timer); timer = setTimeout(late, 60_000); };
  let pause = 0;
  try {
    if (await attempt(control.signal, alive)) break;
  } catch (error) {
    if (error instanceof Final) throw error;
    why = error;
    pause = Math.random() * Math.min(30, 2 ** failed);
    if (error.after >= 0) pause = Math.min(120, error.after);
  } finally {
    clearTimeout(timer);
  }
  // Who gets any further may go on.
  failed = size > most ? 0 : failed + 1;
  most = Math.max(most, size);
  if (failed > 5) throw why ?? new Error("not whole");
  await sleep(pause * 1000);
}
await out.close();
await rename(`${file}.part`, file);
