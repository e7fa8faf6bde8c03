/** A request's head, looked at before its body is read: where it goes, whose it may be, and what it wishes. */
import { healthy, plainProblem } from './answer.ts'
import type { Answer, Plain, Shape } from './answer.ts'
import { headerOf } from './head.ts'
import type { Head } from './head.ts'
import { forwardedLines } from './headers.ts'
import type { HttpHouse } from './house.ts'
import { grantOf, wishesOf } from './prefer.ts'
import type { Wishes } from './prefer.ts'
import { holdsGrant, routeOf } from './target.ts'
import type { Route } from './target.ts'

/** Where a request goes: to a target, or to the status of a hold. */
export type Place =
  | {
      readonly kind: 'target'
      readonly route: Route
      readonly found: NonNullable<ReturnType<HttpHouse['targets']['get']>>
    }
  | { readonly kind: 'hold'; readonly id: string }

export interface Visit {
  readonly kind: 'visit'
  readonly head: Head
  readonly token: string
  readonly place: Place
  readonly wishes: Wishes
  readonly shape: Shape
  /** What of its head goes on. */
  readonly lines: string
}

export type Admitted = Visit | { readonly kind: 'answered'; readonly answer: Answer }

/** The visit, or the answer that needs no body. Nothing is authenticated yet: that is done when the body is there. */
export function admit(
  targets: HttpHouse['targets'],
  head: Head,
  forwards: (name: string) => boolean,
): Admitted {
  const accept = headerOf(head.headers, 'accept')
  if (head.target === '/.firebreak/health') return { kind: 'answered', answer: healthy() }
  const place = placeOf(targets, head.target)
  const graphql = place?.kind === 'target' && place.found.target.graphql
  const shape: Shape = { graphql, accept }
  const answered = (plain: Plain): Admitted => ({
    kind: 'answered',
    answer: plainProblem(plain, shape),
  })
  const odd = oddity(head)
  if (odd !== null) return answered(odd)
  const token = grantOf(head.headers)
  if (token === null) return answered(noGrant(head))
  if (place === null)
    return answered({ status: 404, kind: 'no-target', detail: 'no target answers at this path' })
  const wishes = wishesOf(head.headers)
  if (typeof wishes === 'string') return answered({ status: 400, kind: 'header', detail: wishes })
  const lines = forwardedLines(head.headers, forwards)
  return { kind: 'visit', head, token, place, wishes, shape, lines }
}

/** The answer to a grant that is missing or not taken. */
export function challenge(detail: string, shown: boolean): Plain {
  const error = shown ? ', error="invalid_token"' : ''
  const headers = ['www-authenticate', `Bearer realm="firebreak"${error}`]
  return { status: 401, kind: 'grant', detail, headers }
}

function placeOf(targets: HttpHouse['targets'], target: string): Place | null {
  const id = /^\/\.firebreak\/holds\/([a-z0-9_]{1,60})$/.exec(target)?.[1]
  if (id !== undefined) return { kind: 'hold', id }
  const route = routeOf(target)
  const found = route === null ? undefined : targets.get(route.target)
  return route === null || found === undefined ? null : { kind: 'target', route, found }
}

/** What is wrong with a head that could be read; null when nothing is. */
function oddity({ target, headers }: Head): Plain | null {
  if (holdsGrant(target))
    return { status: 400, kind: 'grant', detail: 'a grant goes in a header, never in a URL' }
  const coding = headerOf(headers, 'content-encoding')?.toLowerCase() ?? 'identity'
  if (coding !== 'identity')
    return { status: 415, kind: 'coding', detail: 'a compressed body is not read: send it plain' }
  const type = headerOf(headers, 'content-type')
  const charset = type === null ? null : /charset\s*=\s*"?([^\s";]*)/i.exec(type)
  if (charset !== null && !/^utf-?8$/i.test(charset[1] ?? ''))
    return {
      status: 415,
      kind: 'coding',
      detail: 'only UTF-8 bodies are read',
    }
  return null
}

function noGrant({ headers }: Head): Plain {
  const shown = ['authorization', 'project-access-token'].some(
    (name) => headerOf(headers, name) !== null,
  )
  return shown
    ? challenge(
        'what came is no grant, or more than one; a credential of the target itself is not taken here',
        true,
      )
    : challenge('a grant is needed: `Authorization: Bearer fbk_…`', false)
}
