/**
 * Which texts stand behind the names of a session: prepared statements and portals. A name is what the server says it is; until
 * it has done a Parse (or not), both the old text and the new one may stand behind the name, and both are judged.
 */
import type { Left } from '../../classify/sql/statement.ts'
import type { Batch, Status, Step } from './seam.ts'

/** A text that is to run, with all that is bound to it. */
export interface Bound {
  readonly text: string
  readonly types: readonly number[]
  readonly values: readonly (Uint8Array | null)[]
  readonly formats: readonly number[]
  readonly results: readonly number[]
}

/** One step that runs something, and all that may stand behind it. */
export interface Execution {
  readonly step: Extract<Step, { readonly kind: 'execute' }>
  readonly bounds: readonly Bound[]
}

/** What one batch brings, while nobody knows yet what the server makes of it. */
export interface Seen {
  /** All that it may run, in order; null where it runs what is behind a name that is not known here. */
  readonly runs: readonly Execution[] | null
  /** What it binds and does not run: the server plans it all the same, and SQL's FETCH runs it. */
  readonly unrun: readonly (readonly Bound[])[]
  readonly texts: ReadonlyMap<string, Prepared>
  readonly portals: ReadonlyMap<string, readonly Bound[]>
  readonly parses: ReadonlyMap<Step, Prepared>
  readonly binds: ReadonlyMap<Step, readonly Bound[]>
}

interface Prepared {
  readonly text: string
  readonly types: readonly number[]
  /** True for what SQL's PREPARE made. */
  readonly bySql: boolean
}

export interface Names {
  look(batch: Batch): Seen
  /** The text behind a prepared statement; null where there is none, or where it is not known which. */
  prepared(name: string): string | null
  /**
   * The batch goes on to the server. What it binds is copied, since its bytes are the relay's; not where it `isOver` with it:
   * its portals end with the transaction that ends with the batch.
   */
  sent(seen: Seen, how: { readonly closes: boolean; readonly isOver: boolean }): void
  /** The server has done this step. */
  done(step: Step): void
  /** A statement of SQL has run that makes or forgets a name. */
  left(left: Left): void
  /** The server has answered the oldest batch up to its Sync. */
  ready(status: Status): void
}

const nothing: Seen = {
  runs: [],
  unrun: [],
  texts: new Map(),
  portals: new Map(),
  parses: new Map(),
  binds: new Map(),
}

/** Nothing is ever put in. */
const noTexts = new Map<string, Prepared>()
const noPortals = new Map<string, readonly Bound[]>()

/** A batch on its way: what the server has done of it is not hoped for any more. */
interface Sent {
  readonly seen: Seen
  readonly closes: boolean
  readonly isOver: boolean
  readonly texts: Map<string, Prepared>
  readonly portals: Map<string, readonly Bound[]>
}

export function openNames(): Names {
  const statements = new Map<string, Prepared>()
  const portals = new Map<string, readonly Bound[]>()
  const onTheWay: Sent[] = []
  /** With which batch a step went: a client may send thousands before one is answered. */
  const sentWith = new WeakMap<Step, Sent>()

  /** What this batch gives a name is all that is behind it: where that fails, the rest of the batch is skipped. */
  const behind = (name: string, texts: ReadonlyMap<string, Prepared>): readonly Prepared[] => {
    const own = texts.get(name)
    if (own !== undefined) return [own]
    const all = [statements.get(name), ...onTheWay.map((sent) => sent.texts.get(name))]
    return all.filter((one) => one !== undefined)
  }
  const boundTo = (portal: string, own: Seen['portals']): readonly Bound[] => {
    const found = own.get(portal)
    if (found !== undefined) return found
    const hoped = onTheWay.flatMap((sent) => sent.portals.get(portal) ?? [])
    return [...(portals.get(portal) ?? []), ...hoped]
  }

  /** A client may flush for ever and never sync. */
  const leave = (): void => {
    while (onTheWay[0]?.closes === false && hopesNothing(onTheWay[0])) onTheWay.shift()
  }

  return {
    look: (batch) => {
      if (batch.kind !== 'extended') return nothing
      const texts = new Map<string, Prepared>()
      const opened = new Map<string, readonly Bound[]>()
      const parses = new Map<Step, Prepared>()
      const binds = new Map<Step, readonly Bound[]>()
      const runs: Execution[] = []
      const waiting = new Map<string, readonly Bound[]>()
      const unrun: (readonly Bound[])[] = []
      let isKnown = true
      for (const step of batch.steps) {
        if (step.kind === 'parse') {
          const made = { text: step.text, types: step.types, bySql: false }
          texts.set(step.name, made)
          parses.set(step, made)
        }
        if (step.kind === 'bind') {
          const bounds = behind(step.statement, texts).map((one) =>
            boundOf(one, step.statement, step),
          )
          isKnown &&= bounds.length > 0
          const covered = waiting.get(step.portal)
          if (covered !== undefined) unrun.push(covered)
          waiting.set(step.portal, bounds)
          opened.set(step.portal, bounds)
          binds.set(step, bounds)
        }
        if (step.kind === 'execute') {
          const bounds = boundTo(step.portal, opened)
          isKnown &&= bounds.length > 0
          waiting.delete(step.portal)
          runs.push({ step, bounds })
        }
      }
      unrun.push(...waiting.values())
      return { runs: isKnown ? runs : null, unrun, texts, portals: opened, parses, binds }
    },
    prepared: (name) => {
      const [only, ...more] = new Set(behind(name, nothing.texts).map(({ text }) => text))
      return only === undefined || more.length > 0 ? null : only
    },
    sent: (seen, { closes, isOver }) => {
      const own = isOver || seen.portals.size === 0 ? seen : kept(seen)
      const texts = seen.texts.size === 0 ? noTexts : new Map(seen.texts)
      const opened = own === seen ? noPortals : new Map(own.portals)
      const sent = { seen: own, closes, isOver, texts, portals: opened }
      if (!closes && hopesNothing(sent)) return
      onTheWay.push(sent)
      for (const step of own.parses.keys()) sentWith.set(step, sent)
      for (const step of own.binds.keys()) sentWith.set(step, sent)
    },
    done: (step) => {
      const sent = sentWith.get(step)
      if (step.kind === 'parse') {
        statements.set(step.name, { text: step.text, types: step.types, bySql: false })
        if (sent !== undefined) forget(sent.texts, step.name, sent.seen.parses.get(step))
      }
      if (step.kind === 'bind' && sent?.isOver !== true) {
        portals.set(step.portal, boundBy(step, sent))
        if (sent !== undefined) forget(sent.portals, step.portal, sent.seen.binds.get(step))
      }
      if (step.kind === 'close')
        if (step.what === 'statement') statements.delete(step.name)
        else portals.delete(step.name)
      leave()
    },
    left: ({ kind, name, text }) => {
      if (kind === 'prepared') statements.set(name, { text, types: [], bySql: true })
      if (kind === 'forgotten' && name !== '') statements.delete(name)
      // The unnamed one is no name: it stays.
      if (kind === 'forgotten' && name === '')
        for (const each of statements.keys()) if (each !== '') statements.delete(each)
    },
    ready: (status) => {
      // What was flushed before a Sync is answered by the same ReadyForQuery.
      const upTo = onTheWay.findIndex(({ closes }) => closes)
      onTheWay.splice(0, upTo + 1)
      // A portal ends with its transaction.
      if (status === 'I' && portals.size > 0) portals.clear()
    },
  }

  /** By what the server has prepared under the name when it did this, in its own order. */
  function boundBy(
    step: Extract<Step, { readonly kind: 'bind' }>,
    by: Sent | undefined,
  ): readonly Bound[] {
    const sent = by?.seen.binds.get(step)
    const known = statements.get(step.statement)
    if (known === undefined) return sent ?? []
    const { text } = boundOf(known, step.statement, step)
    const exact = sent?.filter((one) => one.text === text) ?? []
    return exact.length > 0 ? exact : (sent ?? [])
  }
}

/** Unless a later step of the same batch has given the name something else. */
function forget<T>(hoped: Map<string, T>, name: string, done: T | undefined): void {
  if (hoped.get(name) === done) hoped.delete(name)
}

function hopesNothing({ texts, portals }: Pick<Sent, 'texts' | 'portals'>): boolean {
  return texts.size === 0 && portals.size === 0
}

/** Bound to a statement of SQL's PREPARE: its text only holds it, `EXECUTE` is what runs it. */
function boundOf(
  { text, types, bySql }: Prepared,
  name: string,
  { values, formats, results }: Extract<Step, { readonly kind: 'bind' }>,
): Bound {
  const runs = bySql ? `EXECUTE "${name.replaceAll('"', '""')}"` : text
  return { text: runs, types, values, formats, results }
}

/** The same with values of its own. */
function kept(seen: Seen): Seen {
  const copies = new Map<Bound, Bound>()
  const copy = (bound: Bound): Bound => {
    const made = copies.get(bound) ?? {
      ...bound,
      values: bound.values.map((value) => value?.slice() ?? null),
    }
    copies.set(bound, made)
    return made
  }
  const lists = new Map([...seen.binds].map(([step, bounds]) => [step, bounds.map(copy)]))
  const portals = new Map<string, readonly Bound[]>()
  for (const [step, bounds] of lists) if (step.kind === 'bind') portals.set(step.portal, bounds)
  return { ...seen, portals, binds: lists }
}
