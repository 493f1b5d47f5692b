// The packages as their users have them: run by `node --test` in a folder where
// both were installed.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { start } from 'shortread'

const body = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())

async function serving(work, options) {
  const server = await start(options)
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

test('a URL breaks as it says, and the journal tells', () =>
  serving(async (server) => {
    const url = server.url({ size: '100KB', fault: ['stall:10ms@1KB', { fault: 'fin@40KB', settle: '0' }] }, { key: 'cut' })
    await assert.rejects(body(url))
    const faults = (await server.journal('cut')).filter(({ event }) => event === 'fault')
    assert.deepEqual(faults.map(({ at_bytes }) => at_bytes), [1000, 40_000])
  }))

test('a silent cut is found', () =>
  serving(async (server) => {
    const asked = { size: '100KB', framing: 'close', fault: 'fin@40KB' }
    const short = await body(server.url(asked, { key: 'silent' }))
    const whole = await server.expected(asked)
    assert.equal(whole.length, 100_000)
    assert.deepEqual(short, whole.slice(0, 40_000))
    const file = join(mkdtempSync(join(tmpdir(), 'shortread-')), 'file')
    writeFileSync(file, short)
    const found = await server.verify(file, { size: '100KB' }, { key: 'silent' })
    assert.equal(found.whole, false)
    assert.match(found.finding, /short at 40000[^]*on purpose/)
    writeFileSync(file, whole)
    assert.equal((await server.verify(file, { size: '100KB' })).whole, true)
  }))

test('scenarios go by their name, and errors are said', () =>
  serving(
    async (server) => {
      assert.ok((await server.expected('reset-mid-body')).length > 1_000_000)
      await assert.rejects(server.expected('reset-midbody'), /reset-mid-body/)
      await assert.rejects(server.journal('nobody', { timeout: 10 }), /nobody/)
    },
    { args: ['--scaled'] },
  ))

test('a server that cannot start says why', async () => {
  await assert.rejects(start({ args: ['no-such-scenario'] }), /no-such-scenario/)
  await assert.rejects(start({ binary: '/no/such/program' }), /no\/such\/program/)
})

test('the command is the program, with its exit code', () => {
  const run = (...args) => spawnSync('npx', ['--no-install', 'shortread', ...args], { encoding: 'utf8' })
  assert.match(run('--version').stdout, /^shortread \d/)
  assert.equal(run('validate', '/no/such/file').status, spawnSync(process.env.SHORTREAD, ['validate', '/no/such/file']).status)
})

test('a process that forgets its server ends all the same', () => {
  const script = "import { start } from 'shortread'; const { base } = await start(); console.log(base)"
  const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(ended.status, 0, ended.stderr)
  assert.match(ended.stdout, /^http/)
})
