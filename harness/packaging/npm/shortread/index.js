// A server for tests, in a process of its own.

import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { findBinary } from './binary.js'

/** Lines of standard error that are shown where the server ends by itself. */
const LAST_LINES = 20

/** Starts a server that ends with this process. */
export async function start({ binary = findBinary(), args = [] } = {}) {
  const command = ['serve', '--listen', '127.0.0.1:0', '--exit-with-stdin', ...args]
  const child = spawn(binary, command, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${binary} cannot be started: ${error.message}`)))
    child.once('close', resolve)
  })
  const last = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line)
    if (last.length > LAST_LINES) last.shift()
  })
  const first = new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  const line = await Promise.race([first, ended.then(() => undefined)])
  if (line === undefined) {
    throw new Error(`${binary} ${command.join(' ')} has ended:\n${last.join('\n')}`)
  }
  // A process that waits for nothing but its server may end.
  for (const handle of handles(child)) handle.unref?.()
  return new Server(binary, child, ended, JSON.parse(line))
}

class Server {
  #binary
  #child
  #ended

  constructor(binary, child, ended, { url, control }) {
    this.#binary = binary
    this.#child = child
    this.#ended = ended
    this.base = url
    this.control = control
  }

  /** The URL of a download that breaks. */
  url(what, { key } = {}) {
    return this.base + target(what, { prefix: '', key })
  }

  /** The bytes that a client should have. */
  async expected(what) {
    const response = await fetch(this.base + target(what, { prefix: '/expected' }))
    if (!response.ok) throw new Error((await response.text()).trim())
    return new Uint8Array(await response.arrayBuffer())
  }

  /** What the server sent and did for a test, once that is final. */
  async journal(key, { timeout = 30_000 } = {}) {
    const query = new URLSearchParams({ key, wait: 'end', timeout: `${Math.max(1, Math.round(timeout))}ms` })
    const response = await fetch(`${this.control}/journal?${query}`)
    if (!response.ok) throw new Error(`the journal of ${key}: ${(await response.text()).trim()}`)
    return (await response.json()).events
  }

  /** Whether a file is the object, and what is wrong with it. */
  async verify(file, what, { key } = {}) {
    const of = typeof what === 'string' ? ['--scenario', what] : ['--size', String(what.size)]
    const asked = key === undefined ? [] : ['--control', this.control, '--key', key]
    const { code, stdout, stderr } = await run(this.#binary, ['verify', file, ...of, ...asked])
    if (code !== 0 && code !== 10) throw new Error(stderr.trim())
    return { whole: code === 0, finding: stdout.trim() }
  }

  /** Ends the server. */
  async stop() {
    for (const handle of handles(this.#child)) handle.ref?.()
    this.#child.stdin.end()
    await this.#ended
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.stop()
  }
}

const handles = (child) => [child, child.stdin, child.stdout, child.stderr]

function target(what, { prefix, key }) {
  const keyed = key === undefined ? [] : [['key', key]]
  const named = typeof what === 'string'
  const pairs = [...(named ? [] : Object.entries(what).flatMap(spread)), ...keyed]
  const query = pairs.map((pair) => pair.map(encode).join('=')).join('&')
  const path = named ? `${prefix}/s/${encodeURIComponent(what)}` : prefix || '/download'
  return query ? `${path}?${query}` : path
}

// A list repeats its name; an object among faults has settings behind `fault`.
function spread([name, value]) {
  return [value].flat().flatMap((one) => (typeof one === 'object' ? Object.entries(one) : [[name, one]]))
}

const encode = (text) => encodeURIComponent(text).replaceAll('%40', '@').replaceAll('%3A', ':')

function run(binary, args) {
  return new Promise((resolve, reject) => {
    execFile(binary, args, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: error ? error.code : 0, stdout, stderr })
    })
  })
}
