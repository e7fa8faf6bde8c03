/** What restic said, as one line for whoever has to mend it; nothing in it opens anything. */
import { FirebreakError } from '../base/error.ts'
import type { Access } from './restic-place.ts'

/** The fault behind a failed call. `broken_store`: the repository answered, and what was asked for is not in it. `wrong_state`: it is locked. */
export function faultOf(said: string, access: Access): FirebreakError {
  const line = lineOf(said, access)
  const at = `\`${access.repository}\``
  const found = faults.find(({ says }) => says.test(said))
  if (found === undefined)
    return new FirebreakError('not_reachable', `restic with ${at}: ${line || 'it said nothing'}`)
  return new FirebreakError(found.code, found.told(at), found.hint)
}

/** The last word of it, without a secret. */
function lineOf(said: string, { password, credential }: Access): string {
  const lines = said.split('\n').map((line) => line.trim())
  const told = lines.find((line) => line.startsWith('Fatal: ')) ?? lines.findLast(Boolean) ?? ''
  const parts = credential?.reveal().split(':') ?? []
  const secrets = [password.reveal(), ...parts, ...parts.map(encodeURIComponent)]
  return secrets
    .filter((secret) => secret.length > 2)
    .reduce((text, secret) => text.replaceAll(secret, '[secret]'), told)
    .replace(/^Fatal: /, '')
    .replaceAll(/\p{Cc}/gu, '?')
    .slice(0, 400)
}

interface Fault {
  readonly says: RegExp
  readonly code: 'bad_config' | 'not_reachable' | 'broken_store' | 'wrong_state'
  readonly told: (at: string) => string
  readonly hint: string
}

const faults: readonly Fault[] = [
  {
    says: /wrong password or no key found/,
    code: 'bad_config',
    told: (at) => `the password does not open the restic repository ${at}`,
    hint: 'put the right one into custody: `firebreak custody add`, under the name that `restic.password` says',
  },
  {
    says: /already locked/,
    code: 'wrong_state',
    told: (at) => `the restic repository ${at} is locked by somebody else's restic`,
    hint: 'wait for it to end; where none runs any more, `restic unlock` is for its owner',
  },
  {
    says: /no matching ID found|invalid id|no snapshot found|not found for prefix/i,
    code: 'broken_store',
    told: (at) => `the snapshot is not in the restic repository ${at} any more`,
    hint: 'somebody has forgotten it: take a new point',
  },
  {
    says: /(?:unable to open config file|repository does not exist)[^\n]*(?:no such file|does not exist|not exist|404|NoSuch)/i,
    code: 'not_reachable',
    told: (at) => `there is no restic repository at ${at}`,
    hint: 'is its disk mounted? A new one is made by its owner: `restic init`',
  },
]
