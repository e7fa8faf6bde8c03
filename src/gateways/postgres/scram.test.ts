import { expect, test } from 'vitest'
import { Secret } from '../../base/secret.ts'
import { openScram } from './scram.ts'

const secret = new Secret('pencil')
const both = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS']
const bound = Uint8Array.of(1, 2, 3)

test.each<[string, readonly string[], Uint8Array | null, string | null]>([
  [
    'binds where both sides can',
    both,
    bound,
    'SCRAM-SHA-256-PLUS p=tls-server-end-point,,n=,r=abc',
  ],
  ['says that it could have', ['SCRAM-SHA-256'], bound, 'SCRAM-SHA-256 y,,n=,r=abc'],
  ['does without where it cannot', both, null, 'SCRAM-SHA-256 n,,n=,r=abc'],
  ['gives up where nothing is shared', ['SCRAM-SHA-1'], null, null],
])('%s', (_, offered, channel, expected) => {
  const scram = openScram(offered, secret, 'abc', { bound: channel })
  const first = Buffer.from(scram?.first ?? []).toString()
  expect(scram === null ? null : `${scram.mechanism} ${first}`).toBe(expected)
})

test.each<[string, string]>([
  ['a nonce that is not ours', 'r=xyz123,s=AAAA,i=4096'],
  ['a nonce that adds nothing', 'r=abc,s=AAAA,i=4096'],
  ['no rounds', 'r=abc123,s=AAAA,i=0'],
  ['rounds without end', 'r=abc123,s=AAAA,i=9999999'],
  ['something else', 'e=other-error'],
])('a server is refused that answers with %s', async (_, said) => {
  const scram = openScram(both, secret, 'abc', { bound: null })
  await expect(scram?.answer(Buffer.from(said))).rejects.toThrow('strangely')
})

test('a server that does not know the password proves nothing', async () => {
  const scram = openScram(both, secret, 'abc', { bound: null })
  expect(scram?.proves(Buffer.from('v='))).toBe(false)
  await scram?.answer(Buffer.from('r=abc123,s=AAAA,i=4096'))
  for (const said of ['v=', `v=${Buffer.alloc(32).toString('base64')}`, 'e=invalid-proof', ''])
    expect(scram?.proves(Buffer.from(said))).toBe(false)
})
