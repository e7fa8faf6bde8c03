/** What an operation reaches, as ids of the graph. What lies inside a thing goes with it. */
import { backupId, resourceId } from './graph-ids.ts'
import type { Edge, GraphNode } from './graph.ts'
import type { Copy, Told } from './reach/reach.ts'

/** What was said of one credential, with whose it is. */
export interface Owned extends Told {
  readonly finding: string
  readonly provider: string
  readonly account: string
}

/** Things and copies as they stand in the graph, from all credentials and Firebreak's own. */
export interface Standing {
  readonly at: ReadonlyMap<string, number>
  readonly lies: ReadonlyMap<string, Copy['lies']>
  /** What an account has: its things, and copies whose ids count in it. */
  readonly ofAccount: ReadonlyMap<string, readonly string[]>
  readonly copies: ReadonlyMap<string, readonly string[]>
}

export function standingOf(nodes: readonly GraphNode[], edges: readonly Edge[]): Standing {
  const lies = new Map<string, Copy['lies']>()
  const ofAccount = new Map<string, string[]>()
  const copies = new Map<string, string[]>()
  const push = (map: Map<string, string[]>, key: string, id: string): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [id])
    else list.push(id)
  }
  for (const node of nodes) {
    if (node.kind === 'backup') lies.set(node.id, node.lies)
    if (node.kind === 'resource') push(ofAccount, node.account, node.id)
    if (node.kind === 'backup') push(ofAccount, node.home, node.id)
  }
  for (const { kind, from, to } of edges) if (kind === 'copied') push(copies, from, to)
  return { at: new Map(nodes.map(({ id }, at) => [id, at])), lies, ofAccount, copies }
}

/** Where the ids of a thing, and of its copies, count. */
export function homesOf({ provider, account, things }: Owned): (thing: string) => string {
  const global = new Set(things.flatMap(({ id, isGlobal }) => (isGlobal === true ? [id] : [])))
  return (thing) => (global.has(thing) ? provider : account)
}

/** For the operations of one credential. `all` is what the account has, but for what can go no sooner than its time. */
export function reaching(
  told: Owned,
  { at, lies, ofAccount, copies }: Standing,
): (on: readonly string[] | 'all') => readonly string[] {
  const { account, things, copies: own } = told
  const home = homesOf(told)
  // By its own words: each of its ids leads to one node.
  const words = new Map([
    ...things.map(({ id }) => [id, resourceId(home(id), id)] as const),
    ...own.map(({ id, of }) => [id, backupId(home(of), id)] as const),
  ])
  const everything = [...words.values(), ...(ofAccount.get(account) ?? [])]
  const isOfAccount = new Set(ofAccount.get(account))
  return (on) => {
    const isAll = on === 'all'
    const named = isAll
      ? everything
      : on.flatMap((id) => words.get(id) ?? [resourceId(account, id), backupId(account, id)])
    const ids = new Set(named.filter((id) => at.has(id)))
    for (const id of ids)
      for (const copy of copies.get(id) ?? [])
        if (lies.get(copy) === 'inside' || (isAll && isOfAccount.has(id))) ids.add(copy)
    const reached = isAll ? [...ids].filter((id) => lies.get(id) !== 'apart') : [...ids]
    return reached.toSorted((a, b) => (at.get(a) ?? 0) - (at.get(b) ?? 0))
  }
}
