// no setting (undici has RetryAgent): a loop that begins anew
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);
const [url, file] = process.argv.slice(2);

async function attempt() {
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
    if (!answer.ok) throw Object.assign(new Error(`status ${answer.status}`), { answer });
    await pipeline(watched(answer.body), createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}

for (let failed = 0; ; failed += 1) {
  try {
    await attempt();
    break;
  } catch (error) {
    const status = error.answer?.status;
    // A code without a cause is the disk's.
    const here = error.code && error.syscall && !error.cause;
    if (failed === 5 || here || (status && !BUSY.has(status))) throw error;
    const after = Number(error.answer?.headers.get("retry-after") ?? NaN);
    const pause = after >= 0 ? Math.min(120, after) : Math.random() * Math.min(30, 2 ** failed);
    await sleep(pause * 1000);
  }
}
