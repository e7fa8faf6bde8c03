/** Variables whose value some program hands to a shell: what is set so runs, now or with the next command. */
import type { Operation } from '../../core/operation.ts'
import type { Nested } from './nested.ts'
import { destroys, unread } from './operation.ts'
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

/** Their value stands behind an interpreter's name, whichever program starts it. */
const options: ReadonlyMap<string, string> = new Map([
  ['NODE_OPTIONS', 'node'],
  ['BUN_OPTIONS', 'bun'],
  ['RUBYOPT', 'ruby'],
  ['PERL5OPT', 'perl'],
  ['PYTHONSTARTUP', 'python'],
])

/** What is grave of it; a plain value is none of our business. */
export function setIn(
  name: string,
  value: Arg,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  if (/^T(F|OFU)_CLI_ARGS/.test(name) && /(^|\s)--?destroy\b(?!=false)/.test(value.text))
    return [destroys('terraform destroy', ['container'], `\`${name}\` has it destroy`)]
  if (starts.test(name)) return grave(fromFile(value, name, { scope, nested }) ?? [])
  const text = textOf(name, value.text)
  if (text === null) return []
  const found = grave(nested.text(text, scope.inner()))
  const isOpen = commands.test(name) && !value.isKnown && /\$\(|`/.test(text)
  return isOpen && found.length === 0
    ? [unread(name, `\`${name}\` would run a text that is not known before`)]
    : found
}

/** The text that a shell is given by it; null where it is none. */
function textOf(name: string, value: string): string | null {
  if (/^BASH_FUNC_[\w-]+(%%|\(\))$/.test(name)) return `f ${value}; f`
  if (prompts.test(name)) return `: "${value.replaceAll('"', '\\"')}"`
  if (filters.test(name)) return value.replace(/^\s*\|+-?/, '')
  const program = options.get(name)
  if (program !== undefined) return `${program} ${value}`
  return commands.test(name) ? value : null
}

const grave = (found: readonly Operation[]): readonly Operation[] =>
  found.filter(({ effect }) => effect !== 'read' && effect !== 'write')
