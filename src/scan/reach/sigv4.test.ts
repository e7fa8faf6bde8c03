/** A signature is the one that AWS's own signer makes of the same form (`@smithy/signature-v4`, 2026-11-28). */
import { expect, test } from 'vitest'
import { Secret } from '../../base/secret.ts'
import { signed } from './sigv4.ts'

const form = {
  host: 'sts.amazonaws.com',
  region: 'us-east-1',
  service: 'sts',
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
  now: new Date('2026-11-27T12:34:56Z'),
}
// The key that AWS's documents use for examples.
const secret = new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')

test.each<[string, Secret | null, string]>([
  [
    'a lasting key',
    null,
    'SignedHeaders=content-type;host;x-amz-date, Signature=291fd0d211bc067ebf9bea750276ab14b6b64c1bfc2ec4ad4f044e1c68d5dced',
  ],
  [
    'a key for a while',
    new Secret('session-token'),
    'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=254113697630cab670a2e14c806729846bec587b8b87174d79b8a0934799dc5a',
  ],
])('%s', (_, session, end) =>
  expect(signed({ id: 'AKIDEXAMPLE', secret, session }, form)['authorization']).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/us-east-1/sts/aws4_request, ${end}`,
  ),
)
