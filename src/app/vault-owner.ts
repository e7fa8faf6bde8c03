/** Who could open the vault when this machine is gone. */
import { messageOf } from '../base/error.ts'
import type { Finding } from '../core/verdict.ts'
import type { Notices } from '../guard/ports.ts'
import type { Config } from './config.ts'

/** What is wrong with that, for the doctor and for the vault's status; nothing where no vault is. */
export function ownerFindings({ vault }: Config): readonly Finding[] {
  if (vault === undefined || vault.recipients.length > 0) return []
  return [
    {
      rule: 'no-owner',
      message:
        "this machine's key alone opens the vault: lost with the machine, every recovery point is lost; name `vault.recipients`",
    },
  ]
}

interface Kept {
  readonly letOwnersIn: () => Promise<readonly string[]>
}

/** The vault's keys, wrapped to owners who are new. It goes on under the keys that it has where that fails; the next start tries again. */
export async function letIn(kept: Kept | null, notices: Pick<Notices, 'tell'>): Promise<void> {
  try {
    for (const line of (await kept?.letOwnersIn()) ?? []) notices.tell('vault-key', line, 'vault')
  } catch (thrown) {
    const why = messageOf(thrown)
    notices.tell('vault-key', `the vault's keys are not wrapped to its owners: ${why}`, 'vault')
  }
}
