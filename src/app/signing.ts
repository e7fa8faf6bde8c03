/** Who signs the vault's recovery points: the one key that signs the ledger, so that a person has one thing to keep. */
import { openNote, openSigner, readVerifier } from '../ledger/note.ts'
import type { Verifier } from '../ledger/note.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { Signing } from '../vault/keys-sign.ts'

/** The daemon's own, and what it is known by. */
export function ownSigning(seal: OpenSeal): { readonly signing: Signing; readonly signer: string } {
  const { line, verifier } = openSigner('firebreak', seal.derive('ledger'))
  const { check } = checking(readVerifier(verifier))
  return { signing: { sign: (text) => line(text), check }, signer: verifier }
}

/** What checks a signer's lines; null where the text is no signer. */
export function signingOf(signer: string): Signing | null {
  try {
    return checking(readVerifier(signer))
  } catch {
    // A text in a store that is no key has signed nothing.
    return null
  }
}

function checking(verifier: Verifier): Signing {
  return {
    sign: null,
    check: (text, line) => openNote(`${text}\n${line}`, [verifier]).kind === 'opened',
  }
}
