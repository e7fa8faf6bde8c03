/** The targets that one can log in for, and the way to who gives their tokens. */
import { readFileSync } from 'node:fs'
import { FirebreakError } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import type { Config } from '../config.ts'
import { isHere } from '../config-targets.ts'
import type { McpEntry } from '../config-targets.ts'
import type { Credentials } from '../credentials.ts'
import { logsIn } from '../header.ts'
import { openOutward } from './outward.ts'
import type { Outward } from './outward.ts'

interface Known {
  readonly config: Config
  readonly credential: Pick<Credentials, 'isAllowed'>
}

/** Throws `bad_input` for what nobody logs in for, and `custody_locked` under a config that nobody has accepted. */
export function loginEntry(
  { config, credential }: Known,
  target: string,
): { readonly entry: McpEntry; readonly url: string } {
  const entry = Object.hasOwn(config.targets, target) ? config.targets[target] : undefined
  if (entry === undefined)
    throw new FirebreakError('bad_input', `the config has no target \`${plain(target)}\``)
  if (!logsIn(entry))
    throw new FirebreakError(
      'bad_input',
      `\`${target}\` takes no token that one logs in for`,
      'that is for an MCP server with a `url` and `secret: authorization`',
    )
  // It leads elsewhere, and somebody else may have written it.
  if (!credential.isAllowed())
    throw new FirebreakError('custody_locked', 'no approver has accepted the config')
  return { entry, url: entry.url }
}

export function outwardFor(entry: McpEntry): Outward {
  const url = new URL(entry.url ?? 'https://nowhere.invalid')
  const ca = entry.ca === undefined ? null : readFileSync(entry.ca, 'utf8')
  return openOutward({
    isNear: url.protocol === 'http:' && isHere(url.hostname.replaceAll(/^\[|\]$/g, '')),
    ca,
  })
}
