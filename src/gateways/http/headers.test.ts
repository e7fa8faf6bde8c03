import { expect, test } from 'vitest'
import { Secret } from '../../base/secret.ts'
import { createRedactor } from '../../custody/redact.ts'
import { forwardedHeaders, returnedHeaders } from './headers.ts'

const clean = (): ReturnType<typeof createRedactor> => createRedactor(new Secret('real-credential'))

test.each<[string, readonly string[], readonly string[]]>([
  ['what is plain crosses as it came', ['X-Trace', 'A'], ['X-Trace', 'A']],
  ['a grant stays here', ['AUTHORIZATION', 'Bearer fbk_x', 'a', 'b'], ['a', 'b']],
  ['so does one that is written with `_`', ['X_Api_Key', 'x', 'a', 'b'], ['a', 'b']],
  ['an encoding is not asked for, however it is written', ['Accept_Encoding', 'gzip'], []],
  [
    'what `Connection` names ends here',
    ['Connection', 'x-one, X-Two', 'X-ONE', '1', 'x-two', '2'],
    [],
  ],
  [
    'but not what the request was read by',
    ['connection', 'accept', 'accept', 'a'],
    ['accept', 'a'],
  ],
])('on the way in: %s', (_, raw, kept) => expect(forwardedHeaders(raw)).toEqual(kept))

test.each<[string, readonly string[], readonly string[]]>([
  ['what is plain comes back as it came', ['etag', '"é"', 'x', ''], ['etag', '"é"', 'x', '']],
  ['no cookie of the account', ['set-cookie', 'a=b', 'x', '1'], ['x', '1']],
  [
    'no echo of the credential',
    ['x', 'is real-credential!', 'y', '1'],
    ['x', 'is ***************!', 'y', '1'],
  ],
  ['nor at the very end', ['x', 'real-credential'], ['x', '***************']],
  ['the beginning of one is no echo', ['x', 'real-cred'], ['x', 'real-cred']],
])('on the way back: %s', (_, raw, kept) => expect(returnedHeaders(raw, clean())).toEqual(kept))
