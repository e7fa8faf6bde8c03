/** Where in the page one is: told by the address behind its `#`, which no server sees. */
import { signal } from '@preact/signals'

export type Route =
  | { readonly kind: 'place'; readonly at: string }
  | { readonly kind: 'hold'; readonly id: string }
  | { readonly kind: 'incident'; readonly of: string }
  | { readonly kind: 'entry'; readonly index: number }
  | { readonly kind: 'invited'; readonly token: string }

export const route = signal<Route>({ kind: 'place', at: 'now' })

export function routeOf(hash: string): Route {
  const token = /^#invited=([\w-]+)$/.exec(hash)?.[1]
  if (token !== undefined) return { kind: 'invited', token }
  const id = /^#\/hold\/(\w+)$/.exec(hash)?.[1]
  if (id !== undefined) return { kind: 'hold', id }
  const of = /^#\/incident\/(hold_\w+)$/.exec(hash)?.[1]
  if (of !== undefined) return { kind: 'incident', of }
  const index = /^#\/ledger\/(\d{1,15})$/.exec(hash)?.[1]
  if (index !== undefined) return { kind: 'entry', index: Number(index) }
  return { kind: 'place', at: /^#\/([a-z]+)$/.exec(hash)?.[1] ?? 'now' }
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
