/** Keepers of secrets. */
import { rule, tool } from '../tool.ts'
import { over, tells } from './rows.ts'
import type { Rows } from './rows.ts'

export const secrets: Rows = [
  [
    'op',
    tool(
      () => [
        rule(
          'item|document|vault|user|group|service-account|connect delete',
          ['destroy', 'key'],
          'takes secrets, or somebody’s power, away',
        ),
        tells('read|inject', 'prints secrets'),
        tells('item get', 'prints secrets', { only: '--reveal --fields' }),
      ],
      { valued: '--vault --account --session' },
    ),
  ],
  [
    'doppler',
    tool(
      () => [
        rule(
          'secrets|configs|projects|environments delete',
          ['destroy', 'key'],
          'takes secrets away',
        ),
        tells('secrets get|download', 'prints secrets'),
      ],
      { valued: '-p --project -c --config -t --token' },
    ),
  ],
  [
    'vault',
    tool(
      () => [
        rule('kv delete|destroy|metadata', ['destroy', 'key'], 'takes secrets away', {
          like: /^(delete|destroy)$/,
        }),
        rule('delete', ['destroy', 'key'], 'takes secrets away'),
        rule('secrets|auth disable', ['destroy', 'key'], 'takes all secrets of an engine away'),
        rule('audit disable', ['destroy', 'guard'], 'ends the audit'),
        rule('operator seal|rekey|rotate', ['destroy', 'guard'], 'shuts the vault'),
        rule('token|lease revoke', ['destroy', 'key'], 'takes power away'),
        rule('policy delete', ['destroy', 'guard'], 'takes a policy away'),
        over('operator raft snapshot restore', 'writes a state over what lives'),
        tells('kv get', 'prints secrets'),
        tells('read', 'prints secrets'),
        tells('token create', 'makes a token'),
      ],
      { isGo: true, valued: '-address -namespace -ca-cert -mount -field -format' },
    ),
  ],
]
