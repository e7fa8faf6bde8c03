/** What `init` and `uninstall` share: a person's yes, and files as the control socket hands them over. */
import { isObject, textOf } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'

/** By `--yes`, or at the terminal; what a no means is said. `otherwise`: what to do where nobody can be asked; `no`: what is said to a no. */
export async function agreed(
  parsed: Parsed,
  io: Io,
  {
    question,
    otherwise,
    no = 'nothing was changed',
  }: { readonly question: string; readonly otherwise: string; readonly no?: string },
): Promise<boolean> {
  if (parsed.flag('yes')) return true
  const answer = await io.ask(`${question} [y/N] `)
  if (/^y(es)?$/i.test(answer ?? '')) return true
  io.say(answer === null ? `nothing was changed; ${otherwise}` : no)
  return false
}

export interface HandedFile {
  readonly path: string
  readonly before: string | null
  readonly after: string
}

/** Byte for byte: what a terminal would be shown is another text. */
export function filesIn(value: Json | undefined): readonly HandedFile[] {
  return (Array.isArray(value) ? value : []).filter(isObject).map((each) => ({
    path: textOf(each['path'] ?? null),
    before: typeof each['before'] === 'string' ? each['before'] : null,
    after: textOf(each['after'] ?? null),
  }))
}
