/** Our hook's command: how it is written for a host, and how it is known again. */
import { basename } from 'node:path'
import { quoted } from '../../gateways/hook/tool-call.ts'
import { FirebreakError } from '../../base/error.ts'
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { HookCommand } from './host.ts'

/** The words that ask our hook for this host; the hook's own small file needs no word for what it is. */
export function wordsFor({ argv }: HookCommand, host: string): readonly string[] {
  const isHookFile = basename(argv.at(-1) ?? '') === 'hook.cjs'
  const words = isHookFile ? [...argv, host] : [...argv, 'hook', host]
  if (!ours(host).test(words.join(' ')))
    throw new FirebreakError(
      'internal',
      `\`${words.join(' ')}\` would not be known again as our hook`,
    )
  return words
}

/** The same as one line for a shell. */
export function lineFor(command: HookCommand, host: string): string {
  return wordsFor(command, host).map(quoted).join(' ')
}

/** True where an entry of a host's file asks our hook, whatever else stands around it. */
export function asksUs(entry: Json, host: string): boolean {
  if (!isObject(entry)) return false
  if (textOf(entry['url']).includes(`/.firebreak/hook/${host}`)) return true
  return commandsOf(entry).some((text) => ours(host).test(text))
}

/** What an entry would have run, each as one line. */
function commandsOf(entry: JsonObject): readonly string[] {
  const { args, action } = entry
  const more = Array.isArray(args) ? args.map((arg) => textOf(arg)) : []
  const texts = ['command', 'bash', 'powershell'].map((key) => textOf(entry[key]))
  return [
    ...texts.filter((text) => text !== '').map((text) => [text, ...more].join(' ')),
    ...(isObject(action) ? commandsOf(action) : []),
  ]
}

/** By its program, by the file that it starts from, or by the hook's own file. */
function ours(host: string): RegExp {
  const program = String.raw`(firebreak(\.\w+)?|cli[/\\](hook-)?main\.[jt]s)['"]?\s+hook`
  const file = String.raw`hook\.cjs['"]?(\s+hook)?`
  return new RegExp(String.raw`(^|[\s'"/\\])(${program}|${file})\s+['"]?${host}(?![\w-])`)
}

/** The words of a line that a shell takes as they are: null where it would do anything else with it. */
export function plainWords(line: string): readonly string[] | null {
  if (!/^(?:'[^']*'|[\w./:=@%+,\\-]+)(?: +(?:'[^']*'|[\w./:=@%+,\\-]+))*$/.test(line.trim()))
    return null
  return [...line.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, within]) => within ?? word)
}
