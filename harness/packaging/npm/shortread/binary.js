// The program, from the package of this platform.

import { createRequire } from 'node:module'

/** The path of the program. SHORTREAD_BINARY comes first. */
export function findBinary() {
  if (process.env.SHORTREAD_BINARY) return process.env.SHORTREAD_BINARY
  const platform = `shortread-${process.platform}-${process.arch}`
  try {
    return createRequire(import.meta.url).resolve(`${platform}/shortread`)
  } catch {
    throw new Error(
      `there is no program for ${process.platform} on ${process.arch}: the package ${platform} ` +
        'is not installed (were optional dependencies left out?); set SHORTREAD_BINARY to one that you have built',
    )
  }
}
