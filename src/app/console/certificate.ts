/** The console's certificate: read at the start, and again when it is renewed, since nobody restarts a daemon for that at night. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Server } from 'node:tls'
import { FirebreakError, messageOf } from '../../base/error.ts'

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

export const oldestTls = 'TLSv1.2'
const lookMs = 2000

/** Throws `bad_config` where the two cannot be read, or do not belong together. */
export function readCertificate(files: CertificateFiles): {
  readonly cert: Buffer
  readonly key: Buffer
} {
  try {
    const both = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
    createSecureContext(both)
    return both
  } catch (thrown) {
    throw new FirebreakError(
      'bad_config',
      `the console's certificate cannot be read: ${messageOf(thrown)}`,
      'look at `console.tls`',
      thrown,
    )
  }
}

/** Takes a renewed one for the connections that come; what cannot be used, half written perhaps, leaves the old one in place. */
export function keepCertificate(
  server: Server,
  files: CertificateFiles,
  log: (line: string) => void,
): () => void {
  const look = (): void => {
    try {
      server.setSecureContext({ ...readCertificate(files), minVersion: oldestTls })
      log('console: the certificate was renewed')
    } catch (thrown) {
      log(`console: ${messageOf(thrown)}; the one before still serves`)
    }
  }
  for (const file of [files.cert, files.key])
    watchFile(file, { interval: lookMs, persistent: false }, look)
  return () => {
    for (const file of [files.cert, files.key]) unwatchFile(file, look)
  }
}
