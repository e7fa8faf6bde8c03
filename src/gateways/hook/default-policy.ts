/** The default policy's answer where nothing is known but what an operation does: the same as Cedar's, which costs a hook too long to load. */
import type { DestroyKind } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { allow, hold } from '../../core/verdict.ts'
import type { Finding, Verdict } from '../../core/verdict.ts'

export const lifeline: Finding = {
  rule: 'lifeline',
  message:
    "this is Firebreak's own vault, ledger, custody, policy, approvals or hooks: no grant reaches it, and nobody can approve it here",
}

/**
 * In a protected environment of which nothing was measured. INVARIANT (one policy): verdict and findings are those of
 * the default Cedar set for every effect and every set of kinds.
 */
export function byDefault({ effect, kinds }: Pick<Operation, 'effect' | 'kinds'>): Verdict {
  switch (effect) {
    case 'read':
    case 'write':
      return kinds.length === 0 ? allow : hold(unjudged)
    case 'expose':
      return hold(exposed)
    case 'unread':
      return hold(notRead)
    case 'destroy':
      return destroyed(kinds)
  }
}

function destroyed(kinds: readonly DestroyKind[]): Verdict {
  if (kinds.length > 0 && kinds.every((kind) => kind === 'outage'))
    return { kind: 'allow', findings: [outage] }
  const unnamed = kinds.length === 0 ? [noKind] : []
  const lost = byKind.filter(([kind]) => kinds.includes(kind)).map(([, finding]) => finding)
  return hold(...unnamed, noRadius, ...lost)
}

const unjudged: Finding = {
  rule: 'unjudged',
  message: 'no policy says that this may run without a person',
}
const notRead: Finding = {
  rule: 'hold-unread',
  message: 'what this does is not understood, so a person must look',
}
const exposed: Finding = {
  rule: 'hold-expose',
  message: 'something secret or private would get out, or new reach would be minted',
}
const outage: Finding = {
  rule: 'outage',
  message: 'only availability is lost: no data goes, and it can be started again',
}
const noKind: Finding = {
  rule: 'hold-unnamed-kind',
  message: 'this destroys something, and it is not known what kind of thing',
}
const noRadius: Finding = {
  rule: 'hold-radius-unknown',
  message: 'it is not known what would go with this, so it counts as the most',
}

/** In the order of the policy's file. */
const byKind: readonly (readonly [DestroyKind, Finding])[] = [
  ['data', { rule: 'hold-data', message: 'data of a protected environment would go for good' }],
  [
    'container',
    {
      rule: 'hold-container',
      message:
        'a thing that holds data of a protected environment would go, with all that is in it',
    },
  ],
  [
    'overwrite',
    {
      rule: 'hold-overwrite',
      message: 'what is there now would be written over, in a protected environment',
    },
  ],
  [
    'backup',
    {
      rule: 'hold-backup',
      message: 'a way back would go: a backup, a snapshot or a history',
    },
  ],
  [
    'guard',
    {
      rule: 'hold-guard',
      message:
        'a guard against loss would go: retention, a schedule, a lock, deletion protection or an audit trail',
    },
  ],
  ['key', { rule: 'hold-key', message: 'a key or a secret that cannot be read back would go' }],
  ['exec', { rule: 'hold-exec', message: 'this runs arbitrary code beside protected data' }],
  [
    'name',
    {
      rule: 'hold-name',
      message: 'a name would go that others can take: a domain, an address or a username',
    },
  ],
  [
    'account',
    {
      rule: 'hold-account',
      message:
        'an account, a workspace, an owner or the last admin would go: two people must agree',
    },
  ],
]
