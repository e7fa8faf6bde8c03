/** What comes by, and who: a bounded picture of a stream that never ends. Pure but for its own memory. */
import type { Entry } from './answers.ts'
import type { Json, JsonObject } from './json.ts'

/** `quiet` is what nobody need look at; `waits` asks for a person; `no` was refused; `gone` has run; `person` was done by one. */
export type Tone = 'quiet' | 'waits' | 'no' | 'gone' | 'person'

export interface Line {
  readonly key: string
  readonly at: number
  readonly agent: string
  readonly target: string
  readonly operation: string
  /** What became of it, in a word or two. */
  readonly said: string
  readonly tone: Tone
  readonly hold: string | null
}

export interface Agent {
  readonly name: string
  readonly total: number
  /** Of the last minute. */
  readonly minute: number
  readonly refused: number
  readonly held: number
  readonly lastAt: number
  readonly last: string
}

export interface Picture {
  /** Newest first. */
  readonly lines: readonly Line[]
  /** The same without what is quiet: many reads do not push a refusal out of sight. */
  readonly grave: readonly Line[]
  /** Who did most in the last minute, first. */
  readonly agents: readonly Agent[]
  readonly total: number
}

export interface Feed {
  readonly take: (entry: Entry) => void
  readonly picture: (now: number) => Picture
}

export const nothingYet: Picture = { lines: [], grave: [], agents: [], total: 0 }

const [mostLines, mostAgents] = [100, 100]
const [slots, slotMs] = [12, 5000]

interface Counted {
  total: number
  refused: number
  held: number
  lastAt: number
  last: string
  /** Actions in each five seconds of the last minute, and which five seconds those are. */
  readonly recent: { slot: number; many: number }[]
}

/** Its memory is bounded by lines and agents, whatever comes. */
export function openFeed(): Feed {
  let lines: Line[] = []
  let grave: Line[] = []
  let total = 0
  const agents = new Map<string, Counted>()

  const count = (line: Line): void => {
    total += 1
    if (line.agent === '') return
    const had = agents.get(line.agent) ?? fresh()
    // Whoever was heard last stands last: the first is the one to forget.
    agents.delete(line.agent)
    agents.set(line.agent, had)
    const [oldest] = agents.keys()
    if (agents.size > mostAgents && oldest !== undefined) agents.delete(oldest)
    had.total += 1
    had.refused += line.tone === 'no' ? 1 : 0
    had.held += line.said === 'held' ? 1 : 0
    had.lastAt = line.at
    had.last = line.operation
    const slot = Math.floor(line.at / slotMs)
    const place = had.recent[slot % slots]
    if (place?.slot === slot) place.many += 1
    else had.recent[slot % slots] = { slot, many: 1 }
  }

  return {
    take: (entry) => {
      const come = linesOf(entry)
      for (const line of come) count(line)
      const newest = come.toReversed()
      lines = [...newest.slice(0, mostLines), ...lines].slice(0, mostLines)
      const bad = newest.filter(({ tone }) => tone !== 'quiet')
      if (bad.length > 0) grave = [...bad.slice(0, mostLines), ...grave].slice(0, mostLines)
    },
    picture: (now) => ({
      lines,
      grave,
      total,
      agents: [...agents]
        .map(([name, { recent, ...had }]) => ({ name, ...had, minute: within(recent, now) }))
        .toSorted((a, b) => b.minute - a.minute || b.lastAt - a.lastAt),
    }),
  }
}

function fresh(): Counted {
  return { total: 0, refused: 0, held: 0, lastAt: 0, last: '', recent: [] }
}

function within(recent: Counted['recent'], now: number): number {
  const last = Math.floor(now / slotMs)
  return recent.reduce((sum, one) => (last - one.slot < slots ? sum + one.many : sum), 0)
}

/** A batch is many actions, any other entry one. */
function linesOf(entry: Entry): readonly Line[] {
  if (entry.kind !== 'request') return [lineOf(entry)]
  const { rows } = entry.body
  return Array.isArray(rows)
    ? rows.flatMap((row: Json, at) => requestLine(row, `${entry.seq}.${at}`))
    : []
}

function requestLine(row: Json, key: string): readonly Line[] {
  if (!Array.isArray(row)) return []
  const [at, agent, target, operation, digest, status] = row
  if (typeof at !== 'number' || typeof status !== 'number') return []
  const isRefused = status === 401 || status === 403
  const passed = digest === null ? 'read' : 'written'
  return [
    {
      key,
      at,
      agent: textOf(agent),
      target: textOf(target),
      operation: textOf(operation),
      said: isRefused ? 'refused' : status >= 400 ? `answered ${status}` : passed,
      tone: isRefused ? 'no' : 'quiet',
      hold: null,
    },
  ]
}

/** Entries' kinds in the words of the page, and their tone. */
const kinds: Readonly<Record<string, readonly [string, Tone]>> = {
  started: ['Firebreak started', 'quiet'],
  stopped: ['Firebreak stopped', 'quiet'],
  intent: ['is about to run', 'gone'],
  outcome: ['has run', 'gone'],
  denied: ['denied', 'no'],
  held: ['held', 'waits'],
  approved: ['approved', 'person'],
  rejected: ['denied by a person', 'person'],
  expired: ['expired: refused', 'no'],
  scheduled: ['scheduled', 'waits'],
  undone: ['undone', 'person'],
  minted: ['grant minted', 'person'],
  revoked: ['grant revoked', 'person'],
  enrolled: ['approver enrolled', 'person'],
  removed: ['approver or passkey removed', 'person'],
  delegated: ['stand-in named', 'person'],
  undelegated: ['stand-in called back', 'person'],
  halted: ['HALTED', 'no'],
  resumed: ['resumed', 'person'],
  reopened: ['class reopened', 'person'],
  'signed-in': ['signed in', 'person'],
  accepted: ['config accepted', 'person'],
  'recovery-point': ['recovery point taken', 'quiet'],
  restored: ['restored', 'person'],
  drilled: ['drill held', 'quiet'],
  alarm: ['ALARM', 'no'],
}

function lineOf({ seq, kind, at, subject, principal, body }: Entry): Line {
  const [said, tone] = kinds[kind] ?? [kind, 'quiet']
  return {
    key: String(seq),
    at,
    agent: principal ?? '',
    target: textOf(body['target']),
    operation: textOf(body['operation']) || wordsOf(body, subject),
    said,
    tone,
    hold: subject?.startsWith('hold_') === true ? subject : null,
  }
}

/** What an entry that is about no operation says of itself. */
function wordsOf(body: JsonObject, subject: string | null): string {
  const told = [body['who'], body['name'], body['message'], body['reason']].map(textOf)
  const by = textOf(body['by'])
  const first = told.filter((one) => one !== '').join(': ') || (subject ?? '')
  return by === '' ? first : `${first} (by ${by})`
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
