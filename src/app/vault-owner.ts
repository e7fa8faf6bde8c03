/** Who could open the vault when this machine is gone. */
import type { Finding } from '../core/verdict.ts'
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
