/** Private keys in PEM (RFC 7468) and in OpenSSH's own form. */
import { rule } from '../rule.ts'
import type { Rule } from '../rule.ts'

/** The text may stand in JSON, with `\n` written out. */
const body = String.raw`(?:[A-Za-z0-9+/=\s]|\\[nr]){64,12000}`

export const keys: readonly Rule[] = [
  rule(
    'private-key',
    'unknown',
    [
      ['-----begin '],
      new RegExp(
        String.raw`(?<secret>-----BEGIN (?<kind>(?:RSA |EC |DSA |OPENSSH )?PRIVATE KEY)-----${body}-----END \k<kind>-----)`,
        'dy',
      ),
    ],
    { most: 16_384, glued: true },
  ),
]
