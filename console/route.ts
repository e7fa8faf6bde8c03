/** Where in the page one is: told by the address behind its `#`, which no server sees. */
import { signal } from '@preact/signals'

export type Route =
  | { readonly kind: 'place'; readonly at: string }
  | { readonly kind: 'hold'; readonly id: string }
  | { readonly kind: 'incident'; readonly of: string }
  | { readonly kind: 'entry'; readonly index: number }
  | { readonly kind: 'ask'; readonly ask: string }
  | { readonly kind: 'invited'; readonly token: string }

export const route = signal<Route>({ kind: 'place', at: 'now' })

/** What stands behind the `#`, by its form. */
const forms: readonly (readonly [RegExp, (found: string) => Route])[] = [
  [/^#invited=([\w-]+)$/, (token) => ({ kind: 'invited', token })],
  [/^#\/hold\/(\w+)$/, (id) => ({ kind: 'hold', id })],
  [/^#\/incident\/(hold_\w+)$/, (of) => ({ kind: 'incident', of })],
  [/^#\/ask\/([\w.-]{1,8192})$/, (ask) => ({ kind: 'ask', ask })],
  [/^#\/ledger\/(\d{1,15})$/, (index) => ({ kind: 'entry', index: Number(index) })],
  [/^#\/([a-z]+)$/, (at) => ({ kind: 'place', at })],
]

export function routeOf(hash: string): Route {
  for (const [form, read] of forms) {
    const found = form.exec(hash)?.[1]
    if (found !== undefined) return read(found)
  }
  return { kind: 'place', at: 'now' }
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
