/** What a tool writes over without a word for it in its name: the device of a disk, or what a copy is forced onto. */
import { normal } from '../shell/paths.ts'
import { isDevice } from '../shell/operation.ts'
import { grave } from './judged.ts'
import type { Judged } from './judged.ts'
import type { Place } from './texts.ts'
import { wordsIn } from './verbs.ts'

/** Of the gateway and of the hook: `tool` is its name. Nothing where nothing is lost. */
export function judgeOver({ key, value }: Place, tool: string): readonly Judged[] {
  const words = wordsIn(tool)
  const has = (list: ReadonlySet<string>): boolean => words.some((word) => list.has(word))
  if (typeof value === 'string' && value.length < 400 && has(writers)) {
    const path = normal(value.trim().replace(/^file:\/\//i, ''))
    if (isDevice(path)) return [grave('destroy', ['data'], `it writes over the device \`${path}\``)]
  }
  const isForced = (value === true || value === 'true') && forces.has(wordsIn(key).join(' '))
  return isForced && has(copies)
    ? [grave('destroy', ['overwrite'], `\`${key}: ${String(value)}\` says so`)]
    : []
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const copies = set('copy clone duplicate rename move mv cp import restore sync mirror replicate')
const forces = set('force forced overwrite clobber replace')
const writers = set(
  'write put save create edit append copy cp move mv rename upload download export dump flash burn',
)
