/** The golden vectors of `docs/formats/grant.md`, which another implementation has written. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Caveat } from './caveat.ts'
import { attenuate, lastHop, mintGrant, verifyGrant } from './grant.ts'
import { mac } from './mac.ts'
import { parseToken } from './token.ts'

interface Vectors {
  readonly rootKey: string
  readonly good: readonly {
    readonly name: string
    readonly id: string
    readonly hops: readonly (readonly Caveat[])[]
    readonly hopIds: readonly string[]
    readonly token: string
  }[]
  readonly bad: readonly { readonly name: string; readonly why: string; readonly token: string }[]
}

const file = join(import.meta.dirname, '../../test/vectors/grant/vectors.json')
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))
const rootKey = new Uint8Array(Buffer.from(vectors.rootKey, 'hex'))
const facts = {
  now: 0,
  minted: () => ({ principal: 'agent:cursor', mintedBy: 'ada' }),
  revoked: () => false,
}

test.each(vectors.good.map((vector) => [vector.name, vector] as const))(
  '%s: minted and narrowed to the very text, read as what was said, with the ids of its hops',
  (_, { id, hops, hopIds, token }) => {
    const [root = [], ...later] = hops
    const mine = later.reduce(
      (text, hop) => attenuate(text, hop, null),
      mintGrant(rootKey, id, root),
    )
    expect(mine).toBe(token)
    const parsed = parseToken(token)
    expect(parsed).toMatchObject({ kind: 'parsed', id, hops })
    expect(lastHop(token)).toBe(hopIds.at(-1))
    const bound = hops.flat().some(([word]) => word === 'holder')
    const verified = parsed.kind === 'parsed' ? verifyGrant(parsed, rootKey, facts) : parsed
    expect(verified).toMatchObject(
      bound ? { kind: 'refused' } : { kind: 'verified', principal: { root: id, hops: hopIds } },
    )
  },
)

test.each(vectors.bad.map((vector) => [vector.name, vector.why, vector.token] as const))(
  '%s: refused, since it is %s',
  (_, why, token) => {
    const parsed = parseToken(token)
    const result = parsed.kind === 'parsed' ? verifyGrant(parsed, rootKey, facts) : parsed
    expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) })
  },
)

test('the code is that of RFC 2104, as node computes it', () =>
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (key, text) => {
      expect(mac(key, text)).toEqual(createHmac('sha256', key).update(text).digest())
    }),
  ))
