/** Variables whose value some program hands to a shell: what is set so runs, now or with the next command. */
import type { Operation } from '../../core/operation.ts'
import type { Nested } from './nested.ts'
import { unread } from './operation.ts'
import type { Scope } from './scope.ts'
import { fromFile } from './shells.ts'
import type { Arg } from './arg.ts'

const commands =
  /^(GIT_(SSH|SSH_COMMAND|EDITOR|SEQUENCE_EDITOR|PAGER|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND)|EDITOR|VISUAL|FCEDIT|PAGER|MANPAGER|PSQL_PAGER|PSQL_EDITOR|KUBE_EDITOR|SYSTEMD_EDITOR|SYSTEMD_PAGER|SUDO_EDITOR|SUDO_ASKPASS|SSH_ASKPASS|BROWSER|RSYNC_RSH|CVS_RSH|SVN_SSH|AWS_PAGER|GH_PAGER|GH_EDITOR|DELTA_PAGER|BAT_PAGER|PROMPT_COMMAND)$/
/** `|cmd %s` */
const filters = /^LESS(OPEN|CLOSE)$/
/** A shell puts these substitutions in their place when it shows them. */
const prompts = /^PS[0-4]$/
/** A shell reads this file before all else. */
const starts = /^(BASH_ENV|ENV)$/

/** What is grave of it; a plain value is none of our business. */
export function setIn(
  name: string,
  value: Arg,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  if (starts.test(name)) return grave(fromFile(value, name, { scope, nested }) ?? [])
  const functioned = /^BASH_FUNC_[\w-]+(%%|\(\))$/.test(name)
  const text = filters.test(name) ? value.text.replace(/^\s*\|+-?/, '') : value.text
  if (functioned) return grave(nested.text(`f ${text}; f`, scope.inner()))
  if (!commands.test(name) && !filters.test(name) && !prompts.test(name)) return []
  if (prompts.test(name))
    return grave(nested.text(`: "${text.replaceAll('"', '\\"')}"`, scope.inner()))
  const found = grave(nested.text(text, scope.inner()))
  if (found.length > 0 || value.isKnown || !/\$\(|`/.test(text)) return found
  return [unread(name, `\`${name}\` would run a text that is not known before`)]
}

const grave = (found: readonly Operation[]): readonly Operation[] =>
  found.filter(({ effect }) => effect !== 'read' && effect !== 'write')
