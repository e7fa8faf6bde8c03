import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isObject, parseJson } from '../base/json.ts'
import { admits } from './admits.ts'
import { scopeOf } from './caveat.ts'
import type { Caveat } from './caveat.ts'
import { attenuate, lastHop, mintGrant, verifyGrant } from './grant.ts'
import type { GrantFacts, Verified } from './grant.ts'
import { checkProof, thumbprint } from './proof.ts'
import { hopBytes, nextTail, parseToken, tokenText } from './token.ts'
import type { Parsed } from './token.ts'

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

function read(text: string): Parsed {
  const parsed = parseToken(text)
  if (parsed.kind === 'refused') throw new Error(parsed.why)
  return parsed
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

test('changing any character of a grant makes it worth nothing, with or without a checksum that fits', () => {
  const body = Buffer.from(token.slice(4, -9), 'base64url')
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A'
    expect(check(token.slice(0, index) + other + token.slice(index + 1))).not.toBe('verified')
  }
  for (let bit = 0; bit < body.length * 8; bit += 1) {
    const changed = Buffer.from(body)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(check(sealedText(changed))).not.toBe('verified')
  }
})

test('one grant has one text: another spelling of the same bytes is refused', () => {
  const text = token.slice(4, -9)
  const spellings = [`${text}=`, `${text}A`, ` ${text}`, `${text}\n`, text.replaceAll('_', '/')]
  for (const spelling of spellings.filter((each) => each !== text))
    expect(check(`fbk_${spelling}_${crc(spelling)}`)).not.toBe('verified')
  expect(check(token.toUpperCase())).not.toBe('verified')
  expect(check(`${token}\n`)).not.toBe('verified')
})

function crc(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function sealedText(body: Uint8Array): string {
  const text = Buffer.from(body).toString('base64url')
  return `fbk_${text}_${crc(text)}`
}

test('any bytes behind a checksum that fits are read without a throw, and written as they were read', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, start) => {
      const text = sealedText(start ? Buffer.concat([Buffer.of(1, 0, 40), bytes]) : bytes)
      const parsed = parseToken(text)
      if (parsed.kind === 'parsed') expect(tokenText(parsed.bytes, parsed.tail)).toBe(text)
    }),
  ))

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
  fc.tuple(fc.constant('delegate' as const), name),
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
        nowhere: fc.boolean(),
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

test('the last hop cannot be taken off, nor the order of two changed', () => {
  const child = read(attenuate(attenuate(token, [['rows', 5]], null), [['rows', 6]], null))
  const [first, second, third] = child.bytes
  if (first === undefined || second === undefined || third === undefined) throw new Error('hops')
  for (const bytes of [
    [first, second],
    [first, third],
    [first, third, second],
    [second, third],
  ])
    expect(check(tokenText(bytes, child.tail))).not.toBe('verified')
  expect(check(tokenText([first, second, third], child.tail))).toBe('verified')
})

test('a revoked hop stays revoked, whatever its holder adds by hand', () => {
  const child = attenuate(token, [['rows', 5]], 'agent:helper')
  const revoked = (each: string): boolean => each === lastHop(child)
  const parsed = read(child)
  for (const more of [hopBytes([]), hopBytes([['rows', 9]]), hopBytes([['delegate', 'x']])]) {
    if (more === null) throw new Error('no hop')
    const longer = tokenText([...parsed.bytes, more], nextTail(parsed.tail, more))
    expect(check(longer)).toBe('verified')
    expect(check(longer, { revoked })).toBe('the grant was revoked')
  }
})

const wish = {
  target: 'railway',
  operation: 'customDomainCreate',
  effect: 'write',
  environments: ['staging'],
  environmentsKnown: true,
  nowhere: false,
  resources: [],
} as const
test.each<[string, Partial<Parameters<typeof admits>[1]>, string | null]>([
  ['a domain in staging', {}, null],
  ['a read anywhere', { operation: 'project', effect: 'read', environments: ['production'] }, null],
  ['R01: a volume', { operation: 'volumeDelete', effect: 'destroy' }, 'scope'],
  ['R02: a domain in production', { environments: ['production'] }, 'separation'],
  ['R02: a thing in both', { environments: ['staging', 'production'] }, 'separation'],
  ['nobody knows where', { environmentsKnown: false, environments: [] }, 'separation'],
  ['what stands nowhere', { nowhere: true, environments: [] }, 'separation'],
  ['what stands nowhere, in one request with what does', { nowhere: true }, 'separation'],
  ['a read of what stands nowhere', { effect: 'read', operation: 'me', nowhere: true }, null],
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
  since: 0,
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
  ['from before the start', proof(), { since: 5_000_001 }, /make a new one/],
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

test.each<[string, string, readonly Caveat[], RegExp]>([
  ['without a proof', '', [], /needs a proof/],
  ['with another hop for another key', 'proof', [['holder', 'A'.repeat(43)]], /two keys/],
  ['with a proof for its parent', 'proof', [['rows', 1]], /another grant/],
])('holder-signs: a bound grant %s is refused', (_, shown, more, why) => {
  const bound = attenuate(token, [['holder', thumbprint(jwk) ?? ''], ...more], null)
  const text = shown === '' ? null : proof()
  const { method, url, fresh, since } = request
  const facts = {
    now: request.now,
    proof: text === null ? null : { text, method, url, fresh, since },
  }
  expect(check(bound, facts)).toMatch(why)
})

test('holder-signs: a bound grant is good with its own proof, once', () => {
  const bound = attenuate(token, [['holder', thumbprint(jwk) ?? '']], null)
  const ath = createHash('sha256').update(bound).digest('base64url')
  const { method, url, now, since } = request
  const seen = new Set<string>()
  const fresh = (jti: string): boolean => seen.size < seen.add(jti).size
  const shown = { text: proof({ ath }), method, url, fresh, since }
  expect(check(bound, { now, proof: shown })).toBe('verified')
  expect(check(bound, { now, proof: shown })).toBe('the proof was used already')
})

test('an operation that calls itself `read` is no read', () => {
  const call = { ...wish, operation: 'read', effect: 'destroy' } as const
  expect(admits(scopeOf(root), call)?.rule).toBe('scope')
})

test.each<[string, Caveat]>([
  ['a name with a line end', ['operations', ['a\nb']]],
  ['a name with a space at its end', ['operations', ['a ']]],
  ['a name that turns the direction of reading', ['delegate', 'a\u202eb']],
  ['a name with an invisible letter', ['delegate', 'a\u3164b']],
  ['a lone surrogate', ['environments', ['\ud800']]],
  ['an empty name', ['targets', ['']]],
  ['an empty list', ['resources', []]],
  ['a time that is no whole number', ['expires', 1.5]],
  ['a time without end', ['expires', Infinity]],
  ['rows below zero', ['rows', -1]],
  ['a key that is no thumbprint', ['holder', 'A'.repeat(42)]],
  ['a thumbprint in a second spelling', ['holder', `${'A'.repeat(42)}B`]],
  ['a name of 201 letters', ['operations', ['x'.repeat(201)]]],
])('%s is in no grant', (_, caveat) => {
  const odd = expect.objectContaining({ code: 'bad_input' })
  expect(() => mintGrant(key, 'grant_1', [...root, caveat])).toThrow(odd)
  expect(() => attenuate(token, [caveat], null)).toThrow(odd)
})

test('a grant names operations in their own words, and stays below its size and number of hops', () => {
  const sql = mintGrant(key, 'grant_2', [
    ['operations', ['DROP TABLE', 'DELETE /servers/{id}', 'SELECT*']],
    ['environments', ['producción']],
    ['expires', expires],
  ])
  expect(verified(sql).principal.scope.operations).toEqual([
    ['DROP TABLE', 'DELETE /servers/{id}', 'SELECT*'],
  ])
  let long = token
  const grow = (): void => {
    for (let hop = 0; hop < 40; hop += 1) long = attenuate(long, [['rows', hop]], null)
  }
  expect(grow).toThrow(/too long/)
  expect(read(long).hops).toHaveLength(32)
  expect(long.length).toBeLessThanOrEqual(4096)
})
