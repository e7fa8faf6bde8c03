/** A request in parts within the arguments of a tool: a method, wherever it stands, and where it goes to. */
import type { Json } from '../../base/json.ts'
import { platformOf } from '../shell/http-request.ts'
import { grave, held, quiet } from './judged.ts'
import type { Judged } from './judged.ts'
import { plainKey } from './texts.ts'
import type { Place } from './texts.ts'

/** Nothing where the arguments make no request. */
export function judgeRequests(places: readonly Place[]): readonly Judged[] {
  const methods = places.filter(isMethod)
  const urls = places.filter(isAddress)
  const first = urls[0]?.value
  const asked = methods.flatMap(({ value, among }) => {
    const own = urls.find((url) => url.among === among)?.value ?? first
    return typeof own === 'string' && typeof value === 'string' ? byMethod(value, own) : []
  })
  return [
    ...asked,
    ...urls.flatMap(({ value }) => (typeof value === 'string' ? smuggled(value) : [])),
  ]
}

function isMethod({ key, value }: Place): boolean {
  return (
    /^(http|https|request)?(method|verb)$/.test(plainKey(key)) &&
    typeof value === 'string' &&
    /^\s*[a-z]{3,12}\s*$/i.test(value)
  )
}

function isAddress({ key, value }: Place): boolean {
  if (typeof value !== 'string') return false
  return /^(url|uri|path|endpoint|href|route|pathname)$/.test(plainKey(key))
}

function byMethod(said: string, where: string): readonly Judged[] {
  const method = said.trim().toUpperCase()
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return [quiet('read')]
  if (isHere(where)) return [quiet('write')]
  if (method === 'DELETE') return [grave('destroy', ['data'], `\`DELETE ${where.slice(0, 200)}\``)]
  return [held('http-unread', `what \`${method} ${where.slice(0, 200)}\` does is not known`)]
}

/** A document that goes to a platform within the address itself. */
function smuggled(url: string): readonly Judged[] {
  if (platformOf(url) === null || !/mutation/i.test(decoded(url))) return []
  return [held('http-unread', 'its address bears a mutation')]
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    // Then as it stands.
    return url
  }
}

function isHere(url: Json): boolean {
  return (
    typeof url === 'string' &&
    /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/i.test(url)
  )
}
