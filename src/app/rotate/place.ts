/** A credential kept in the place of another: in one transaction custody, what is known of the old one, and what an uninstall would put back. */
import { Secret } from '../../base/secret.ts'
import { replaceCredential } from '../../custody/replaced.ts'
import { markOf } from '../../custody/custody.ts'
import type { Tx } from '../../guard/ports.ts'
import type { Firebreak } from '../compose.ts'
import { mailPasswords } from '../notify.ts'
import { resticPasswords } from '../restic.ts'
import { filesOfSetup, putSetupFiles } from '../setup/kept-files.ts'
import { leadsTo } from './leads.ts'
import { withOther } from './texts.ts'

interface Wish {
  readonly target: string
  readonly secret: string
  readonly by: string
  /** True where Firebreak made it: then nobody else knows it. */
  readonly made: boolean
}

/** INVARIANT (never-a-dead-one): what `uninstall` puts back is the credential that is kept, not one whose place it took. */
export async function putInPlace(
  { config, databases, seal, clock }: Pick<Firebreak, 'config' | 'databases' | 'seal' | 'clock'>,
  tx: Tx,
  { target, secret, by, made }: Wish,
): Promise<void> {
  const isPassword =
    databases.has(target) || [...resticPasswords(config), ...mailPasswords(config)].includes(target)
  const old = await replaceCredential(seal, tx, {
    target,
    secret: new Secret(secret),
    by,
    made,
    now: clock.now(),
    as: isPassword ? 'password' : 'header',
  })
  if (old === null) return
  const files = await filesOfSetup(seal, tx)
  const turn = { old: old.reveal(), next: secret.trim() }
  const mark = markOf(seal, turn.old)
  const isShared = (await tx.find('credential', {})).some(
    (row) => row.id !== target && row.mark === mark,
  )
  const at = databases.get(target)?.target ?? null
  // The same text may be somebody else's password too: then only what names this one's server and role is this one's.
  const isIts = isShared && at !== null ? (within: string | null) => leadsTo(within, at) : always
  const after = files.map((each) =>
    each.before === null
      ? each
      : { ...each, before: withOther(each.before, each.path, turn, isIts) },
  )
  if (after.some(({ before }, at) => before !== files[at]?.before))
    await putSetupFiles(seal, tx, after)
}

const always = (): boolean => true
