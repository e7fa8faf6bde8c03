/** Private keys, wherever they stand. */
import { isOpen, privateKey } from '../pem.ts'
import { rule } from '../rule.ts'
import type { Rule } from '../rule.ts'

const long = { most: 16_384, glued: true, check: isOpen } as const

export const keys: readonly Rule[] = [
  rule(
    'google-service-account',
    'google',
    [
      ['service_account"'],
      new RegExp(
        String.raw`service_account"[^{}]{1,600}"private_key"\s{0,8}:\s{0,8}"${privateKey}`,
        'dy',
      ),
    ],
    long,
  ),
  rule('private-key', 'unknown', [['-----begin '], new RegExp(privateKey, 'dy')], {
    ...long,
    whose: ({ kind = '' }) => (kind.startsWith('OPENSSH') ? 'ssh' : null),
  }),
]
