/** Our hook's command: how it is written for a host, and how it is known again. */
import { basename } from 'node:path'
import { quoted } from '../../gateways/hook/tool-call.ts'
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { HookCommand } from './host.ts'

/** The words that ask our hook for this host; the hook's own small file needs no word for what it is. */
export function wordsFor({ argv }: HookCommand, host: string): readonly string[] {
  const isHookFile = basename(argv.at(-1) ?? '') === 'hook.cjs'
  return isHookFile ? [...argv, host] : [...argv, 'hook', host]
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

function ours(host: string): RegExp {
  return new RegExp(
    `(^|[\\s'"/\\\\])(firebreak(\\.\\w+)?['"]?\\s+hook|hook\\.cjs['"]?(\\s+hook)?)\\s+['"]?${host}(?![\\w-])`,
  )
}
