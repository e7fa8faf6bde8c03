/** How a command opens a vault with nothing else left: its store, and the daemon's key or an owner's identity. */
import { openAlone } from '../app/alone.ts'
import type { Alone } from '../app/alone.ts'
import { usage } from './command.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'

export const aloneOptions = {
  store: { type: 'string' },
  key: { type: 'string' },
  identity: { type: 'string' },
  signer: { type: 'string' },
} as const

export const aloneUsage =
  '  --identity FILE in place of --key FILE: the age identity of one of `vault.recipients`; --signer KEY: whose signature counts'

/** Opens it, and tells what a person should know of its keys. */
export async function openHere(parsed: Parsed, io: Io): Promise<Alone> {
  const store = parsed.text('store')
  const [key, identity] = [parsed.text('key'), parsed.text('identity')]
  if (store === null || (key === null && identity === null))
    throw usage('without a daemon it takes `--store FOLDER`, and `--key FILE` or `--identity FILE`')
  const opened = await openAlone({ store, key, identity, signer: parsed.text('signer') })
  for (const line of opened.said) io.note(line)
  return opened
}
