/** The signature of a recovery point: the daemon's, over its id and the digest of its manifest, behind the manifest's text. */
import { createHash } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'

export interface Signing {
  /** The signature line over a text, with its line end; null where nothing can be signed here. */
  readonly sign: ((text: string) => string) | null
  readonly check: (text: string, line: string) => boolean
}

export interface ReadPoint {
  readonly manifest: string
  readonly signed: boolean
}

/** The manifest's text, and a line below it that signs it. */
export function signPoint(id: string, manifest: string, { sign }: Signing): string {
  if (sign === null)
    throw new FirebreakError('internal', 'a vault that is only read cannot sign a recovery point')
  return `${manifest}\n${sign(signedText(id, manifest))}`
}

/** Throws `broken_store` where the signature is another's, or of another point; one from before there were any has none. */
export function readPoint(id: string, text: string, { check }: Signing): ReadPoint {
  // Canonical JSON has no line end in it.
  const end = text.indexOf('\n')
  if (end === -1) return { manifest: text, signed: false }
  const manifest = text.slice(0, end)
  const line = text.slice(end + 1)
  if (line.indexOf('\n') === line.length - 1 && check(signedText(id, manifest), line))
    return { manifest, signed: true }
  throw new FirebreakError(
    'broken_store',
    `\`${id}\` is not signed by this vault's signer: someone who holds the key has written it, or it is another vault's`,
    'use another recovery point; `firebreak ledger key` prints the signer',
  )
}

function signedText(id: string, manifest: string): string {
  const digest = createHash('sha256').update(manifest).digest('hex')
  return `firebreak vault point 1\n${id}\nsha256:${digest}\n`
}
