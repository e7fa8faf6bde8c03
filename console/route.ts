/** Where in the page one is: told by the address behind its `#`, which no server sees. */
import { signal } from '@preact/signals'

export type Route =
  | { readonly kind: 'now' }
  | { readonly kind: 'later' }
  | { readonly kind: 'policy' }
  | { readonly kind: 'map' }
  | { readonly kind: 'hold'; readonly id: string }
  | { readonly kind: 'ledger'; readonly index: number | null }
  | { readonly kind: 'incident'; readonly of: string | null }
  | { readonly kind: 'invited'; readonly token: string }

/** Those whose address is their name. */
const plainKinds = ['later', 'map', 'policy'] as const

export const route = signal<Route>({ kind: 'now' })

export function routeOf(hash: string): Route {
  const token = /^#invited=([\w-]+)$/.exec(hash)?.[1]
  if (token !== undefined) return { kind: 'invited', token }
  const id = /^#\/hold\/(\w+)$/.exec(hash)?.[1]
  if (id !== undefined) return { kind: 'hold', id }
  const index = /^#\/ledger(?:\/(\d{1,15}))?$/.exec(hash)
  if (index !== null) return { kind: 'ledger', index: index[1] ? Number(index[1]) : null }
  const incident = /^#\/incident(?:\/(hold_\w+))?$/.exec(hash)
  if (incident !== null) return { kind: 'incident', of: incident[1] ?? null }
  const [, name = ''] = /^#\/(\w+)$/.exec(hash) ?? []
  return { kind: plainKinds.find((kind) => kind === name) ?? 'now' }
}

/** Reads the address now and whenever it changes. An invitation is taken out of it at once. */
export function watchRoute(): void {
  const read = (): void => {
    route.value = routeOf(location.hash)
    if (route.value.kind === 'invited') history.replaceState(null, '', location.pathname)
  }
  read()
  window.addEventListener('hashchange', read)
}

export function go(hash: string): void {
  location.hash = hash
}
