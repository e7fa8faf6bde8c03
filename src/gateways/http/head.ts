/** The head of a request, read strictly (RFC 9112): what two servers could read in two ways is refused, never mended. */

/** Names in small letters and values in turn, as they came. */
export type Headers = readonly string[]

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }

export interface Head {
  readonly kind: 'head'
  readonly method: string
  /** The request target as it came: origin form (RFC 9112 §3.2.1), and nothing else. */
  readonly target: string
  readonly headers: Headers
  readonly framing: Framing
  readonly keepAlive: boolean
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expects: boolean
}

/** Why a head is refused, as an HTTP status and one line. */
export interface Fault {
  readonly kind: 'fault'
  readonly status: number
  readonly problem: string
  readonly detail: string
}

export function fault(status: number, problem: string, detail: string): Fault {
  return { kind: 'fault', status, problem, detail }
}

/** The methods that are forwarded at all. */
const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

/** Headers that two servers could read differently when they come twice. */
const single: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'dpop',
  'expect',
  'host',
  'idempotency-key',
  'project-access-token',
  'transfer-encoding',
])

const maxHeaders = 100

/** Reads what stands before the empty line, as latin1 text. Total. */
export function parseHead(text: string): Head | Fault {
  const lines = text.split('\r\n')
  if (lines.length > maxHeaders + 1)
    return fault(431, 'header', `more than ${maxHeaders} headers came`)
  const first = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(\d\.\d)$/.exec(lines[0] ?? '')
  if (first === null) return fault(400, 'request-line', 'the request line cannot be read')
  const [, method = '', target = '', version = ''] = first
  if (version !== '1.1') return fault(505, 'version', 'only HTTP/1.1 is spoken here')
  if (!methods.has(method)) return fault(405, 'method', `\`${method}\` is not forwarded`)
  if (!target.startsWith('/'))
    return fault(400, 'request-line', 'the request target must be a path')
  const headers = parseFields(lines)
  return headers === null
    ? fault(400, 'header', 'a header line cannot be read')
    : framed(method, target, headers)
}

/**
 * The fields of a head, its first line left out; null where a line is none: a folded line, a space before the colon, a bare
 * CR or LF, a NUL or another control character (RFC 9110 §5.5, RFC 9112 §5).
 */
export function parseFields(lines: readonly string[]): Headers | null {
  const headers: string[] = []
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const colon = line.indexOf(':')
    if (colon < 1) return null
    const name = line.slice(0, colon)
    const value = trimmed(line, colon + 1)
    if (!token.test(name) || odd.test(value)) return null
    headers.push(name.toLowerCase(), value)
  }
  return headers
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const odd = /[^\t\x20-\x7e\x80-\xff]/

/** Without the spaces and tabs round it; never more than one look at each character. */
function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The value of a header, or null; the first where it came several times. */
export function headerOf(headers: Headers, name: string): string | null {
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === name) return headers[index + 1] ?? ''
  return null
}

function framed(method: string, target: string, headers: Headers): Head | Fault {
  const twice = repeated(headers)
  if (twice !== null) return fault(400, 'header', `\`${twice}\` came twice`)
  if (headerOf(headers, 'host') === null) return fault(400, 'header', '`Host` is missing')
  if (headerOf(headers, 'upgrade') !== null)
    return fault(501, 'upgrade', 'no other protocol is spoken here')
  const expect = headerOf(headers, 'expect')?.toLowerCase() ?? null
  if (expect !== null && expect !== '100-continue')
    return fault(417, 'header', 'this expectation cannot be met')
  const framing = framingOf(headers)
  if (framing.kind === 'fault') return framing
  const named = connectionNames(headers)
  const robbed = named.find((name) => single.has(name))
  if (robbed !== undefined)
    return fault(400, 'header', `\`Connection\` cannot take \`${robbed}\` away`)
  const keepAlive = !named.includes('close')
  return { kind: 'head', method, target, headers, framing, keepAlive, expects: expect !== null }
}

function repeated(headers: Headers): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (single.has(name) && headers.indexOf(name, index + 1) !== -1 && isName(headers, name, index))
      return name
  }
  return null
}

/** True when the name stands again at a name's place: a value may look like one. */
function isName(headers: Headers, name: string, from: number): boolean {
  for (let index = from + 2; index < headers.length; index += 2)
    if (headers[index] === name) return true
  return false
}

/** INVARIANT (one length): a body has one framing, or the request is refused (RFC 9112 §6.3). */
function framingOf(headers: Headers): Framing | Fault {
  const length = headerOf(headers, 'content-length')
  const coding = headerOf(headers, 'transfer-encoding')
  if (coding !== null) {
    if (length !== null)
      return fault(400, 'header', '`Content-Length` and `Transfer-Encoding` contradict each other')
    return coding.toLowerCase() === 'chunked'
      ? { kind: 'chunked' }
      : fault(400, 'header', 'the only `Transfer-Encoding` is `chunked`')
  }
  if (length === null) return { kind: 'none' }
  if (!/^\d{1,15}$/.test(length)) return fault(400, 'header', '`Content-Length` is no number')
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', bytes: Number(length) }
}

/** The names that `Connection` headers say end at this hop, in small letters. */
export function connectionNames(headers: Headers): readonly string[] {
  const value = headerOf(headers, 'connection')
  if (value === null) return []
  const names: string[] = []
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === 'connection')
      for (const name of (headers[index + 1] ?? '').split(','))
        names.push(name.trim().toLowerCase())
  return names
}
