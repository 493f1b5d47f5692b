#!/usr/bin/env node
// `npx shortread ...` is `shortread ...`, with its exit code and its signals.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { findBinary } from './binary.js'

let binary
try {
  binary = findBinary()
} catch (error) {
  console.error(`error: ${error.message}`)
  process.exit(1)
}
const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  console.error(`error: ${binary}: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
