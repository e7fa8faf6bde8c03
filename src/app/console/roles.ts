/** Which control commands the console takes, and from whom on. What is missing here is not there: a new command is closed until somebody thinks. */
import type { Power } from '../../approvals/factor.ts'

const viewer = [
  'hold-list',
  'hold-show',
  'closed-list',
  'alarm-list',
  'approver-list',
  'passkey-list',
  'grant-list',
  'custody-list',
  'vault-list',
  'vault-status',
  'vault-progress',
  'vault-running',
  'vault-drills',
  'vault-prune-look',
  'power-changes',
  'ledger-verify',
  'decisions',
  'ledger-search',
  'ledger-proof',
  'incident',
  'map',
  'doctor',
  'policy-read',
  'explain',
  'shadow-list',
  // Whoever sees the fire may pull the handle: a no and a halt are the safe side, and lifting either takes a signature.
  'hold-deny',
  'halt',
  // What a client asks for, and the no to it.
  'grant-ask',
  'grant-ask-refuse',
] as const

/** For an approver, and for who stands in for one. */
const standIn = ['hold-approve', 'hold-undo', 'hold-settle', 'reopen', 'resume'] as const

const approver = [
  'alarm-seen',
  'notify-test',
  'grant-mint',
  'grant-revoke',
  'vault-backup',
  'vault-drill',
  'vault-verify',
  'vault-grade',
  'vault-restore',
  'vault-prune',
  'passkey-remove',
  // Another key for oneself; for anybody else an admin signs.
  'approver-invite',
  'passkey-confirm',
  'approver-delegate',
  'approver-undelegate',
] as const

const admin = [
  'accept',
  'approver-remove',
  'custody-wanted',
  'custody-add',
  'custody-remove',
  'custody-login-begin',
  'custody-login',
  'session-list',
  'session-end',
] as const

/** Control commands that stay on the machine, each for its reason. */
export const terminalOnly: Readonly<Record<string, string>> = {
  'approver-enrol': 'shows the secret of one-time codes, which a terminal of the person must show',
  'approver-confirm': 'ends what `approver-enrol` began',
  'protect-look': 'part of `firebreak protect`, which writes the config',
  'protect-keep': 'part of `firebreak protect`, which writes the config',
  'setup-look': 'part of `firebreak init`, which writes files of the checkout',
  'setup-begin': 'part of `firebreak init`, which writes files of the checkout',
  'setup-files': 'part of `firebreak uninstall`: raw credentials come out',
  'custody-rotate-look': 'part of `firebreak custody rotate`, which looks at files of the machine',
  'custody-rotate': 'says which files of the machine hold what is dead then',
  'custody-proof': 'asks targets with old credentials, for `firebreak doctor` of the machine',
  'setup-rotate': 'part of `firebreak init`, which writes files of the checkout',
  'passkey-open': 'without a session: by the invitation alone',
  'passkey-arrive': 'without a session: by the invitation alone',
  'push-saved': 'puts a push back with the git of whoever sits at the terminal',
  statement: 'for the person who is signed in alone: has a door of its own',
}

export const roles: ReadonlyMap<string, Power> = new Map([
  ...viewer.map((name) => [name, 'viewer'] as const),
  ...standIn.map((name) => [name, 'stand-in'] as const),
  ...approver.map((name) => [name, 'approver'] as const),
  ...admin.map((name) => [name, 'admin'] as const),
])
