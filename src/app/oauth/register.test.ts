import { expect, test } from 'vitest'
import { isObject, parseJson } from '../../base/json.ts'
import { register, wayOf } from './register.ts'
import type { Outward } from './outward.ts'

const redirect = 'http://127.0.0.1:1/callback'

/** What an issuer is sent, and what comes of its answer. */
async function answered(
  said: unknown,
  { known, status = 201 }: { readonly known?: string[] | undefined; readonly status?: number } = {},
): Promise<readonly [unknown, unknown]> {
  let sent: unknown = null
  const outward: Outward = {
    mayAsk: () => true,
    close: async () => await Promise.resolve(),
    fetch: async (_, { body = '' } = {}) => {
      const value = parseJson(String(body))
      sent = isObject(value) ? value['token_endpoint_auth_method'] : null
      return await Promise.resolve(new Response(JSON.stringify(said), { status }))
    },
  }
  const server = {
    issuer: 'https://login.example',
    registration_endpoint: 'https://login.example/register',
    ...(known === undefined ? {} : { token_endpoint_auth_methods_supported: known }),
  }
  return [await register(outward, server, redirect), sent]
}

const none = { id: 'a', secret: null, way: 'post' }

const basic = { id: 'a', secret: 's', way: 'basic' }
const secret = { client_secret: 's' }
const otherwise = { ...secret, token_endpoint_auth_method: 'client_secret_basic' }

/** What becomes of it, and what was asked for. */
test.each<[string, string[] | undefined, object, readonly [object, string]]>([
  ['one that says nothing of ways', undefined, {}, [none, 'none']],
  ['public where it may be', ['client_secret_basic', 'none'], {}, [none, 'none']],
  ['a secret that nobody asked for is none', ['none'], secret, [none, 'none']],
  ['in a header', ['client_secret_basic'], secret, [basic, 'client_secret_basic']],
  [
    'in the form',
    ['client_secret_post', 'client_secret_basic'],
    secret,
    [{ ...basic, way: 'post' }, 'client_secret_post'],
  ],
  ['otherwise than was asked for', undefined, otherwise, [basic, 'none']],
])('%s', async (_, known, said, expected) => {
  expect(await answered({ client_id: 'a', ...said }, { known })).toEqual(expected)
})

test.each<[string, unknown, number, string]>([
  ['a refusal is told by its code', { error: 'invalid_redirect_uri' }, 400, 'invalid_redirect_uri'],
  ['and by nothing else', { error: 'the secret is hunter2' }, 400, 'does not register us: 400'],
  ['no id', {}, 201, 'no id'],
  ['no JSON', 'x', 201, 'no id'],
  [
    'no secret',
    { client_id: 'a', token_endpoint_auth_method: 'client_secret_post' },
    201,
    'secret',
  ],
  [
    'a way that is not known',
    { client_id: 'a', client_secret: 's', token_endpoint_auth_method: 'private_key_jwt' },
    201,
    'not known here',
  ],
])('%s', async (_, said, status, why) => {
  await expect(answered(said, { status })).rejects.toThrow(why)
})

test('the default of RFC 8414 §2 is the header', () => expect(wayOf(undefined)).toBe('basic'))
