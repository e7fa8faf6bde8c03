/**
 * Which texts stand behind the names of a session: prepared statements and portals. A name is what the server says it is; until
 * it has done a Parse (or not), both the old text and the new one may stand behind the name, and both are judged.
 */
import type { Batch, Status, Step } from './seam.ts'

export interface Bound {
  readonly text: string
  readonly values: readonly (Uint8Array | null)[]
  readonly formats: readonly number[]
}

export interface Names {
  /** All that this batch may run, in order; null where it runs what is behind a name that is not known here. */
  runs(batch: Batch): readonly Bound[] | null
  /** The text behind a prepared statement; null where there is none, or where it is not known which. */
  prepared(name: string): string | null
  /** The batch goes on to the server. */
  sent(batch: Batch): void
  /** The server has done this step. */
  done(step: Step): void
  /** The server has answered the oldest batch up to its Sync. */
  ready(status: Status): void
}

/** What one batch brings, while nobody knows yet what the server makes of it. */
interface Brought {
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly portals: ReadonlyMap<string, readonly Bound[]>
  readonly closes: boolean
}

const nothing: Brought = { texts: new Map(), portals: new Map(), closes: false }

export function openNames(): Names {
  const statements = new Map<string, string>()
  const portals = new Map<string, readonly Bound[]>()
  const onTheWay: Brought[] = []

  const textsOf = (name: string, brought: Brought): readonly string[] => {
    const known = statements.get(name)
    const hoped = [...onTheWay, brought].flatMap(({ texts }) => texts.get(name) ?? [])
    return known === undefined ? hoped : [known, ...hoped]
  }
  const boundTo = (portal: string, brought: Brought): readonly Bound[] => [
    ...(portals.get(portal) ?? []),
    ...[...onTheWay, brought].flatMap((one) => one.portals.get(portal) ?? []),
  ]
  const walk = (batch: Batch): { readonly brought: Brought; readonly runs: Bound[] | null } => {
    const texts = new Map<string, readonly string[]>()
    const opened = new Map<string, readonly Bound[]>()
    const brought = {
      texts,
      portals: opened,
      closes: batch.kind !== 'extended' || batch.closes === 'sync',
    }
    const runs: Bound[] = []
    let isKnown = true
    const add = <T>(map: Map<string, readonly T[]>, name: string, more: readonly T[]): void => {
      map.set(name, [...(map.get(name) ?? []), ...more])
    }
    for (const step of batch.kind === 'extended' ? batch.steps : []) {
      if (step.kind === 'parse') add(texts, step.name, [step.text])
      if (step.kind === 'bind') {
        const { values, formats } = step
        const behind = textsOf(step.statement, brought)
        isKnown &&= behind.length > 0
        add(
          opened,
          step.portal,
          behind.map((text) => ({ text, values, formats })),
        )
      }
      if (step.kind === 'execute') {
        const behind = boundTo(step.portal, brought)
        isKnown &&= behind.length > 0
        runs.push(...behind)
      }
    }
    return { brought, runs: isKnown ? runs : null }
  }

  return {
    runs: (batch) => walk(batch).runs,
    prepared: (name) => {
      const texts = textsOf(name, nothing)
      return texts.length === 1 ? (texts[0] ?? null) : null
    },
    sent: (batch) => void onTheWay.push(walk(batch).brought),
    done: (step) => {
      if (step.kind === 'parse') statements.set(step.name, step.text)
      if (step.kind === 'close' && step.what === 'statement') statements.delete(step.name)
    },
    ready: (status) => {
      // What was flushed before a Sync is answered by the same ReadyForQuery.
      const upTo = onTheWay.findIndex(({ closes }) => closes)
      for (const { portals: opened } of onTheWay.splice(0, upTo + 1))
        for (const [name, bound] of opened)
          portals.set(name, [...(portals.get(name) ?? []), ...bound])
      // A portal ends with its transaction; one that was bound anew keeps what it was as well, which only makes it stricter.
      if (status === 'I') portals.clear()
    },
  }
}
