/** What people type: passwords and tokens as options and assignments, in a shell's history and on the line of a running process. */
import { ownerOfName } from '../owners.ts'
import { place } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { isRandom } from '../sample.ts'

const typed = String.raw`\.?[\w-]{0,30}(?:history|histfile|\.dbshell)(?:\.txt)?|cmdline`
const value = String.raw`["']?(?<secret>[^\s"'$\x60;|&<>()]{4,512})`
const option = String.raw`(?<=\s)`

const isDrawn: Rule['check'] = ({ secret = '' }) => secret.length >= 12 && isRandom(secret, 3)

/** The program that the words before belong to, without its folder. */
const programOf = (left: string): string =>
  /(?:^|[;&|(]\s{0,4})(?:\w{1,60}=\S{0,200}\s{1,4}|sudo\s{1,4}|npx\s{1,4}){0,4}(?:[\w./-]{0,200}\/)?([\w.-]{1,60})\s[^;&|]{0,300}$/.exec(
    left,
  )?.[1] ?? ''
const isOf =
  (programs: RegExp, least: number): Rule['check'] =>
  ({ secret = '' }, left) =>
    secret.length >= least && programs.test(programOf(left))

const row = (id: string, provider: string, pattern: string, options: Partial<Rule> = {}): Rule =>
  place(id, provider, [typed, pattern], { guessable: true, ...options })

const secretive = 'TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY'

export const typing: readonly Rule[] = [
  row(
    'typed-secret',
    'unknown',
    `(?<![\\w.-])(?<key>[A-Z][A-Z0-9_]{0,60}?(?:${secretive}))=${value}`,
    {
      check: isDrawn,
      whose: ({ key = '' }) => ownerOfName(key),
    },
  ),
  row(
    'typed-secret',
    'unknown',
    `${option}(?<key>--?(?:[a-z]{1,20}-){0,3}(?:token|api-key|secret|auth-key|access-key))(?:=|\\s{1,4})${value}`,
    { check: isDrawn, whose: (_, left) => ownerOfName(`${programOf(left)}_`) },
  ),
  row('mysql-password', 'mysql', `${option}(?<key>-p|--password(?==))=?${value}`, {
    check: isOf(/^(?:mysql|mariadb)/, 6),
  }),
  row('redis-password', 'redis', `${option}(?<key>-a|--pass)\\s{1,4}${value}`, {
    check: isOf(/^redis-cli$/, 6),
  }),
  row(
    'typed-login',
    'unknown',
    `${option}(?<key>-u|--user)\\s{1,4}["']?[\\w.@+-]{1,100}:${value}`,
    {
      check: isOf(/^curl$/, 8),
    },
  ),
  row(
    'typed-secret',
    'unknown',
    `(?<key>Authorization):\\s{0,4}(?:Bearer|token|Basic)\\s{1,4}${value}`,
    {
      check: isDrawn,
    },
  ),
]
