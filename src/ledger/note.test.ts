import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { openNote, openSigner, readVerifier } from './note.ts'
import type { Verifier } from './note.ts'

const seed = new Uint8Array(32).fill(1)
const signer = openSigner('log.example/a', seed)
const verifier = readVerifier(signer.verifier)
const witness = openSigner('witness.example/w', new Uint8Array(32).fill(2), 'witness')
const witnessKey = readVerifier(witness.verifier)
const stranger = openSigner('stranger.example', new Uint8Array(32).fill(3))

const text = 'log.example/a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'
const note = `${text}\n${signer.line(text)}`

test('a verifier key is read as it is printed', () => {
  expect(verifier).toMatchObject({ name: 'log.example/a', kind: 'log', text: signer.verifier })
  expect(witnessKey).toMatchObject({ name: 'witness.example/w', kind: 'witness' })
  expect(witnessKey.text).toBe(witness.verifier)
})

test.each<[string, string]>([
  ['an empty text', ''],
  ['a name without a key', 'log.example/a'],
  ['the id of another name', signer.verifier.replace('log.example/a', 'log.example/b')],
  ['a key cut short', signer.verifier.slice(0, -4)],
  ['an unknown signature type', `log.example/a+00000000+${Buffer.alloc(33, 9).toString('base64')}`],
  ['a name with a space', signer.verifier.replace('log.', 'log .')],
])('%s is no verifier key', (_, key) => {
  expect(() => readVerifier(key)).toThrow(expect.objectContaining({ code: 'bad_input' }))
})

test.each<[string, string, Uint8Array]>([
  ['a name with a plus', 'a+b', seed],
  ['a name with a space', 'a b', seed],
  ['no name', '', seed],
  ['a short seed', 'a', seed.subarray(1)],
])('%s makes no signer', (_, name, bytes) => {
  expect(() => openSigner(name, bytes)).toThrow(expect.objectContaining({ code: 'bad_input' }))
})

const known: readonly Verifier[] = [verifier, witnessKey]
test.each<[string, string]>([
  ['without a signature', `${text}\n`],
  ['without the empty line', `${text}${signer.line(text)}`],
  ['with a signature of a stranger only', `${text}\n${stranger.line(text)}`],
  ['that lacks its last line end', note.slice(0, -1)],
  ['with a control character', note.replace('log', 'l\u0007og')],
  ['with another text under the signature', note.replace('\n0\n', '\n1\n')],
  ['with a hyphen for the dash', note.replace('—', '-')],
  ['with base64 that ends in other unused bits', unusedBits(note)],
  ['with a word more in the line', note.replace('— ', '— really ')],
  ['with a good and a bad signature of known keys', `${note}${witness.line(`${text}x`, 5)}`],
  ['of 70,000 characters', `${'x'.repeat(70_000)}\n\n${signer.line(text)}`],
  ['with a lone surrogate', note.replace('log', '\ud800')],
])('a note %s is refused', (_, bad) => {
  expect(openNote(bad, known).kind).toBe('refused')
})

test('lines of unknown keys count for nothing, also under a known name', () => {
  const twin = openSigner('log.example/a', new Uint8Array(32).fill(4))
  const more = `${note}${stranger.line(text)}${twin.line(text)}`
  expect(openNote(more, known)).toMatchObject({ kind: 'opened', by: [{ name: 'log.example/a' }] })
})

test('a witness signs its time with the text, and neither can be changed', () => {
  const cosigned = `${note}${witness.line(text, 1_679_315_147)}`
  expect(openCheckpoint(cosigned, verifier, [witnessKey])).toMatchObject({
    witnesses: [{ name: 'witness.example/w', seconds: 1_679_315_147 }],
  })
  const line = witness.line(text, 7)
  const bytes = Buffer.from(line.split(' ')[2] ?? '', 'base64')
  bytes.writeUInt8(8, 11)
  const later = `— witness.example/w ${bytes.toString('base64')}\n`
  expect(openNote(`${text}\n${later}`, known).kind).toBe('refused')
})

test('the key of a witness does not pass for that of the log, nor the other way round', () => {
  expect(openCheckpoint(`${text}\n${witness.line(text, 1)}`, verifier, [witnessKey]).kind).toBe(
    'refused',
  )
  const both = openSigner('log.example/a', seed, 'witness')
  expect(openNote(`${text}\n${both.line(text, 1)}`, [verifier]).kind).toBe('refused')
})

test.each<[string, string]>([
  ['another log', 'log.example/b\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
  ['a size with a leading zero', text.replace('\n0\n', '\n01\n')],
  ['a size that is no number', text.replace('\n0\n', '\nmany\n')],
  ['a size beyond exact numbers', text.replace('\n0\n', '\n9007199254740993\n')],
  ['a root of 31 bytes', `log.example/a\n0\n${Buffer.alloc(31).toString('base64')}\n`],
  ['two lines only', 'log.example/a\n0\n'],
])('a signed text of %s is no checkpoint of this log', (_, body) => {
  expect(openCheckpoint(`${body}\n${signer.line(body)}`, verifier).kind).toBe('refused')
})

test('a checkpoint opens as it was signed, for any size and root', () =>
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
      const checkpoint = { origin: signer.name, size, root: new Uint8Array(root) }
      const opened = openCheckpoint(signCheckpoint(checkpoint, signer), verifier)
      expect(opened).toEqual({ kind: 'opened', checkpoint, witnesses: [] })
    }),
    { numRuns: 30 },
  ))

test('a note with any one byte changed is refused', () =>
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (pick, flip) => {
      const bytes = Buffer.from(note)
      const at = pick % bytes.length
      bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at)
      expect(openCheckpoint(bytes.toString('utf8'), verifier).kind).toBe('refused')
    }),
    { numRuns: 200 },
  ))

/** 68 bytes of signature end in one padding character: two bits of the last letter carry nothing. */
function unusedBits(from: string): string {
  return from.replace(/(.)=\n$/, (_, last: string) => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    return `${letters[letters.indexOf(last) ^ 1] ?? ''}=\n`
  })
}
