/** Hunts for a text that the reader lets through and that destroys all the same: the server itself says whether it does. */
import { loadPolicy } from '../../src/app/policies.ts'
import { loadSql } from '../../src/classify/sql/read.ts'
import { startCluster } from './cluster.ts'
import { corpus } from './corpus/all.ts'
import type { Case } from './corpus/case.ts'
import { Judge } from './corpus/judge.ts'
import type { Judged } from './corpus/judge.ts'
import { Prover, corpusConf } from './corpus/prove.ts'
import { chanceOf } from './fuzz-chance.ts'
import type { Chance } from './fuzz-chance.ts'
import { disguised, tokensOf } from './fuzz-lexical.ts'
import { wrapped } from './fuzz-wrap.ts'
import type { Script } from './fuzz-wrap.ts'
import { openSession } from './session.ts'

/** What was let through and destroyed; `seed` makes it again. */
export interface Find {
  readonly seed: number
  readonly script: readonly string[]
  readonly lost: readonly string[]
}

export interface Hunt {
  /** How many texts were read, and how many of them the server ran since the reader let them through. */
  readonly read: number
  readonly ran: number
  readonly finds: readonly Find[]
}

/** Acts that need no world of their own. */
const seeds = corpus.filter(
  ({ setup, via = 'simple', startup, latin1, copy }) =>
    setup === undefined &&
    via === 'simple' &&
    startup === undefined &&
    !latin1 &&
    copy === undefined,
)
const destroying = seeds.filter(({ label }) => label === 'destroys')

/** The case that a seed makes. */
export function caseOf(seed: number): Case {
  const chance = chanceOf(seed)
  const one = chance.oneOf(destroying)
  if (one === null) throw new Error('the corpus is empty')
  let script: Script = [one.text]
  if (one.before !== undefined) script = [one.before[0] ?? '', ...one.before.slice(1), one.text]
  for (let times = chance.below(3); times > 0; times--) script = wrapped(script, chance)
  if (chance.once(6)) script = spliced(script, chance)
  if (!chance.once(4))
    script = eachOf(script, (text) => disguised(text, chance, 1 + chance.below(6)))
  if (chance.once(8)) script = eachOf(script, (text) => scratched(text, chance))
  return {
    id: `fuzz/${seed}`,
    family: 'fuzz',
    label: 'destroys',
    before: script.slice(0, -1),
    text: script.at(-1) ?? '',
  }
}

function eachOf(script: Script, write: (text: string) => string): Script {
  const [first, ...rest] = script
  return [write(first), ...rest.map(write)]
}

/** A part of another text in the middle of the act. */
function spliced(script: Script, chance: Chance): Script {
  const other = tokensOf(chance.oneOf(seeds)?.text ?? '')
  const from = chance.below(other.length)
  const piece = other.slice(from, from + 1 + chance.below(8))
  const act = tokensOf(script.at(-1) ?? '')
  const at = chance.below(act.length + 1)
  const text = [...act.slice(0, at), ...piece, ...act.slice(at)].join('')
  const before = script.slice(0, -1)
  return before[0] === undefined ? [text] : [before[0], ...before.slice(1), text]
}

const scratches: readonly [string, ...string[]] = [
  "'",
  '"',
  '$$',
  '--',
  '/*',
  '*/',
  ';',
  '(',
  ')',
  '\\',
  'E',
  'U&',
  ' ',
  '\n',
  '.',
  ',',
  '0',
  ' OR ',
  ' AND ',
  ' NOT ',
  '::text',
  '\u00a0',
  '\u200b',
  'ſ',
  'K',
]

/** A letter or two lost, doubled or put in. */
function scratched(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1)
  const skip = chance.below(3)
  return text.slice(0, at) + (chance.once(3) ? '' : chance.pick(scratches)) + text.slice(at + skip)
}

/** True where the gateway lets all of it run, without a word. */
function isLet({ verdict, why }: Judged): boolean {
  return verdict === 'allow' && !why.some((each) => each.startsWith('outage:'))
}

/** Rows that are counted are the budget's; whatever else goes is not, nor are more than the text was said to touch. */
function slips({ isCounted, most }: Judged, lost: readonly string[]): boolean {
  if (lost.length === 0) return false
  const rows = lost.map((each) => Number(/^(\d+) rows of /.exec(each)?.[1] ?? Infinity))
  // A row of a partition is looked at in its table too.
  return !isCounted || rows.some((each) => each > (most === null ? 1_000_000 : 2 * most))
}

/** Reads texts by seed from `first` on until `isOver` says so, and runs those that are let through. */
export async function hunt(
  first: number,
  isOver: (read: number) => boolean,
  tell: (find: Find) => void = () => undefined,
): Promise<Hunt> {
  await loadSql()
  const cluster = await startCluster({ conf: [...corpusConf, 'statement_timeout = 4s'] })
  const prover = await Prover.on(cluster)
  const session = await openSession(cluster.url('world'))
  const judge = await Judge.on(session.ask, await loadPolicy(null))
  await session.close()
  const finds: Find[] = []
  let read = 0
  let ran = 0
  for (; !isOver(read); read++) {
    const one = caseOf(first + read)
    const { known } = await judge.judge(one)
    if (!isLet(known)) continue
    ran++
    const { lost } = await prover.prove(one)
    if (!slips(known, lost)) continue
    const find = { seed: first + read, script: [...(one.before ?? []), one.text], lost }
    finds.push(find)
    tell(find)
  }
  await prover.stop()
  return { read, ran, finds }
}
