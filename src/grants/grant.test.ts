import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isObject, parseJson } from '../base/json.ts'
import { admits } from './admits.ts'
import { scopeOf } from './caveat.ts'
import type { Caveat } from './caveat.ts'
import { attenuate, lastHop, mintGrant, verifyGrant } from './grant.ts'
import type { GrantFacts, Verified } from './grant.ts'
import { checkProof, thumbprint } from './proof.ts'
import { parseToken } from './token.ts'

const key = new Uint8Array(32).fill(3)
const expires = 2_000_000_000_000
const root: readonly Caveat[] = [
  ['operations', ['read', 'customDomain*']],
  ['environments', ['staging']],
  ['expires', expires],
]
const facts: GrantFacts = {
  now: 1_000,
  minted: () => ({ principal: 'agent:cursor', mintedBy: 'ada' }),
  revoked: () => false,
}

function check(token: string, more: Partial<GrantFacts> = {}): string {
  const parsed = parseToken(token)
  const result =
    parsed.kind === 'refused' ? parsed : verifyGrant(parsed, key, { ...facts, ...more })
  return result.kind === 'refused' ? result.why : 'verified'
}

function verified(token: string): Verified {
  const parsed = parseToken(token)
  const result = parsed.kind === 'refused' ? parsed : verifyGrant(parsed, key, facts)
  if (result.kind === 'refused') throw new Error(result.why)
  return result
}

const token = mintGrant(key, 'grant_1', root)

test('a grant is verified with the key that minted it, and says whose it is', () => {
  expect(verified(token).principal).toMatchObject({
    name: 'agent:cursor',
    root: 'grant_1',
    hops: ['grant_1'],
    mintedBy: 'ada',
  })
})

test.each<[string, string, Partial<GrantFacts>, RegExp]>([
  ['under another key', mintGrant(new Uint8Array(32), 'grant_1', root), {}, /not minted here/],
  ['that nobody minted', token, { minted: () => null }, /not known here/],
  ['after its time', token, { now: expires }, /expired/],
  ['that was revoked', token, { revoked: (hop) => hop === 'grant_1' }, /revoked/],
  ['no grant at all', 'Bearer sk-123', {}, /not a grant/],
  [
    'with a wrong checksum',
    `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`,
    {},
    /checksum/,
  ],
  ['too long', `fbk_${'a'.repeat(5000)}_00000000`, {}, /too long/],
])('a grant %s is refused, and the reason shows nothing of it', (_, text, more, why) => {
  expect(check(text, more)).toMatch(why)
  expect(check(text, more)).not.toContain(text.slice(8, 40))
})

test.each<[string, readonly Caveat[]]>([
  ['no expiry', root.slice(0, 2)],
  ['no environment', [root[0] ?? ['rows', 1], ['expires', expires]]],
  ['no operation', root.slice(1)],
])('a grant with %s is not minted', (_, caveats) => {
  expect(() => mintGrant(key, 'grant_1', caveats)).toThrow(
    expect.objectContaining({ code: 'bad_input' }),
  )
})

test('changing any byte of a grant makes it worth nothing', () => {
  const parsed = parseToken(token)
  expect(parsed.kind).toBe('parsed')
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A'
    expect(check(token.slice(0, index) + other + token.slice(index + 1))).not.toBe('verified')
  }
})

test('any text is read without a throw', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `fbk_${text}_00000000`),
      ),
      (text) => {
        expect(['parsed', 'refused']).toContain(parseToken(text).kind)
      },
    ),
  ))

const name = fc.constantFrom('read', 'a*', 'ab', 'abc', 'b', '*', 'staging', 'production')
const caveat: fc.Arbitrary<Caveat> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'operations' as const,
      'environments' as const,
      'targets' as const,
      'resources' as const,
    ),
    fc.array(name, { minLength: 1, maxLength: 3 }),
  ),
  fc.tuple(fc.constantFrom('expires' as const, 'rows' as const), fc.nat()),
  fc.tuple(fc.constant('hop' as const), fc.option(name)),
)

test('a grant only narrows: whatever a child admits, its parent admits', () =>
  fc.assert(
    fc.property(
      fc.array(caveat, { maxLength: 4 }),
      fc.array(caveat, { minLength: 1, maxLength: 4 }),
      fc.record({
        target: name,
        operation: name,
        effect: fc.constantFrom(
          'read' as const,
          'write' as const,
          'destroy' as const,
          'expose' as const,
        ),
        environments: fc.array(name, { maxLength: 2 }),
        environmentsKnown: fc.boolean(),
        resources: fc.array(fc.record({ target: name, type: name, id: name }), { maxLength: 2 }),
      }),
      (mine, added, wish) => {
        const parent = scopeOf([...root, ...mine])
        const child = scopeOf([...root, ...mine, ...added])
        expect(child.expiresAt).toBeLessThanOrEqual(parent.expiresAt)
        expect(child.rows ?? Infinity).toBeLessThanOrEqual(parent.rows ?? Infinity)
        return admits(child, wish) !== null || admits(parent, wish) === null
      },
    ),
  ))

test('narrowing needs no key, is verified, and each hop can be revoked alone with its children', () => {
  const child = attenuate(token, [['operations', ['customDomainCreate']]], 'agent:helper')
  const grandchild = attenuate(child, [['rows', 5]], null)
  const hop = lastHop(child) ?? 'none'
  expect(verified(grandchild).principal).toMatchObject({
    chain: ['agent:helper'],
    hops: ['grant_1', hop, lastHop(grandchild)],
  })
  const revoked = (each: string): boolean => each === hop
  expect([token, child, grandchild].map((each) => check(each, { revoked }))).toEqual([
    'verified',
    'the grant was revoked',
    'the grant was revoked',
  ])
})

test('the last caveat cannot be taken off', () => {
  const child = parseToken(attenuate(token, [['rows', 5]], null))
  const parent = parseToken(token)
  expect(child.kind === 'parsed' && parent.kind === 'parsed').toBe(true)
  const stripped =
    child.kind === 'parsed' && parent.kind === 'parsed'
      ? { ...child, caveats: parent.caveats }
      : null
  expect(stripped === null ? null : verifyGrant(stripped, key, facts).kind).toBe('refused')
})

const wish = {
  target: 'railway',
  operation: 'customDomainCreate',
  effect: 'write',
  environments: ['staging'],
  environmentsKnown: true,
  resources: [],
} as const
test.each<[string, Partial<Parameters<typeof admits>[1]>, string | null]>([
  ['a domain in staging', {}, null],
  ['a read anywhere', { operation: 'project', effect: 'read', environments: ['production'] }, null],
  ['R01: a volume', { operation: 'volumeDelete', effect: 'destroy' }, 'scope'],
  ['R02: a domain in production', { environments: ['production'] }, 'separation'],
  ['R02: a thing in both', { environments: ['staging', 'production'] }, 'separation'],
  ['nobody knows where', { environmentsKnown: false, environments: [] }, 'separation'],
  ['a secret that is read', { operation: 'variables', effect: 'expose' }, 'scope'],
])('a grant for domains in staging, and %s', (_, more, rule) => {
  expect(admits(scopeOf(root), { ...wish, ...more })?.rule ?? null).toBe(rule)
})

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const jwkText: unknown = publicKey.export({ format: 'jwk' })
const jwk = isObject(jwkText) ? jwkText : {}
const request = {
  method: 'POST',
  url: 'http://127.0.0.1:7077/railway/graphql/v2',
  token,
  now: 5_000_000,
  fresh: () => true,
}

function proof(
  change: { readonly [claim: string]: unknown } = {},
  header: { readonly [name: string]: unknown } = {},
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const ath = createHash('sha256').update(token).digest('base64url')
  const text = `${part({ typ: 'dpop+jwt', alg: 'EdDSA', jwk, ...header })}.${part({ htm: 'POST', htu: request.url, iat: 5000, jti: 'unique-1', ath, ...change })}`
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
}

test.each<[string, string, Partial<typeof request>, RegExp | null]>([
  ['as it should be', proof(), {}, null],
  ['for another method', proof({ htm: 'GET' }), {}, /another request/],
  ['for another URL', proof({ htu: 'http://x/' }), {}, /another request/],
  ['for another grant', proof({ ath: 'x' }), {}, /another grant/],
  ['from yesterday', proof({ iat: 1 }), {}, /too old/],
  ['seen before', proof(), { fresh: () => false }, /used already/],
  ['with no signature', proof().replace(/[^.]*$/, ''), {}, /signature/],
  ['with algorithm none', proof({}, { alg: 'none' }), {}, /signature/],
  ['with HMAC under the public key', proof({}, { alg: 'HS256' }), {}, /signature/],
  ['by another key', proof({}, { jwk: { ...jwk, x: 'A'.repeat(43) } }), {}, /another key/],
  ['of nothing', '..', {}, /no DPoP/],
])('a proof %s', (_, text, more, why) => {
  const holder = thumbprint(jwk) ?? 'none'
  expect(checkProof(text, holder, { ...request, ...more }) ?? 'good').toMatch(why ?? /^good$/)
})

test('RFC 8037 appendix A.3: the thumbprint of its Ed25519 key', () => {
  const example = parseJson(
    '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}',
  )
  expect(isObject(example) ? thumbprint(example) : null).toBe(
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  )
})
