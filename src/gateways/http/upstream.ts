/** The one way out: connections to the target's one host, TLS verified, no redirects, the real credential in its header. */
import { connect as connectPlain, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, rootCertificates } from 'node:tls'
import { FirebreakError } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import { Line } from './line.ts'
import type { Hearer, Job, LineLimits } from './line.ts'
import type { HttpTarget } from './target.ts'

export interface UpstreamLimits extends LineLimits {
  readonly connections: number
}

export interface Outgoing {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Names and values in turn, or the lines of a head, each ended; no credential, no framing. */
  readonly headers: readonly string[] | string
  readonly body: Uint8Array
}

/** One exchange under way. */
export interface Sending {
  /** Gives it up; nothing more is heard. */
  readonly abandon: () => void
  readonly pause: () => void
  readonly resume: () => void
}

export interface Upstream {
  /** Sends with the credential; the hearer hears the answer. Throws where the credential cannot stand in a header. */
  readonly send: (outgoing: Outgoing, credential: Secret, hearer: Hearer) => Sending
  readonly close: () => Promise<void>
}

const sweepMs = 250

/** `ca` adds to the trusted authorities; verification cannot be switched off. */
export function openUpstream(
  target: HttpTarget,
  limits: UpstreamLimits,
  ca: string | null,
): Upstream {
  const dial = dialler(target.origin, ca)
  const lines = new Set<Line>()
  const idle: Line[] = []
  const waiting = new Map<Job, Waiting>()
  const now = (): number => performance.now()

  const forget = (line: Line): void => {
    lines.delete(line)
    const at = idle.indexOf(line)
    if (at !== -1) idle.splice(at, 1)
    next()
  }
  const kept = (line: Line): void => {
    idle.push(line)
    next()
  }
  const events = { idle: kept, gone: forget }
  const open = (): Line => {
    const { socket, ready } = dial()
    const line = new Line(socket, ready, limits, { now, events })
    lines.add(line)
    return line
  }
  const free = (): Line | null => idle.pop() ?? (lines.size < limits.connections ? open() : null)
  const next = (): void => {
    for (const [job, entry] of waiting) {
      const line = free()
      if (line === null) return
      waiting.delete(job)
      entry.started(line)
      line.carry(job)
    }
  }
  const sweeper = setInterval(() => {
    for (const line of lines) line.sweep(now())
    for (const [job, entry] of waiting) if (entry.until < now()) giveUp(waiting, job)
  }, sweepMs)
  sweeper.unref()

  return {
    send: (outgoing, credential, hearer) => {
      const bytes = requestBytes(target, outgoing, credential)
      const job: Job = { bytes, toHead: outgoing.method === 'HEAD', hearer }
      let line = free()
      if (line === null) {
        const started = (later: Line): void => void (line = later)
        waiting.set(job, { started, until: now() + limits.connectMs })
      } else line.carry(job)
      return {
        abandon: () => (waiting.delete(job) ? undefined : line?.abandon(job)),
        pause: () => line?.pause(job),
        resume: () => line?.resume(job),
      }
    },
    close: async () => {
      clearInterval(sweeper)
      for (const job of waiting.keys()) giveUp(waiting, job)
      for (const line of lines) line.close()
      await Promise.resolve()
    },
  }
}

interface Waiting {
  readonly started: (line: Line) => void
  readonly until: number
}

function giveUp(waiting: Map<Job, Waiting>, job: Job): void {
  waiting.delete(job)
  const error = new FirebreakError('not_reachable', 'every connection to the target is in use')
  job.hearer.fail({ error, sent: false, stale: false })
}

interface Dialled {
  readonly socket: Socket
  readonly ready: string
}

/** INVARIANT (one host): what is dialled is fixed when the target is opened; no request and no answer changes it. */
function dialler(origin: string, ca: string | null): () => Dialled {
  const url = new URL(origin)
  const host = url.hostname.replaceAll(/[[\]]/g, '')
  if (url.protocol !== 'https:') {
    const port = Number(url.port || 80)
    return () => ({ socket: connectPlain({ host, port, noDelay: true }), ready: 'connect' })
  }
  const options = {
    host,
    port: Number(url.port || 443),
    noDelay: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca: [...rootCertificates, ca] }),
  } as const
  return () => ({ socket: connectTls(options), ready: 'secureConnect' })
}

/** The request as it goes out, in one piece. Its length is written here, from the body that was read. */
function requestBytes(target: HttpTarget, outgoing: Outgoing, credential: Secret): Buffer {
  const { method, path, query, headers, body } = outgoing
  const secret = credential.reveal()
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw new FirebreakError(
      'custody_locked',
      `the credential of \`${target.name}\` is no header text`,
    )
  const { name, prefix } = target.credential
  let head = `${method} ${target.basePath}${path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n`
  head += `host: ${target.origin.slice(target.origin.indexOf('//') + 2)}\r\n${name}: ${prefix}${secret}\r\n`
  head += typeof headers === 'string' ? headers : linesOf(headers)
  const framed = body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(method)
  head += framed ? `content-length: ${body.length}\r\n\r\n` : '\r\n'
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  return bytes
}

function linesOf(headers: readonly string[]): string {
  let lines = ''
  for (let index = 0; index < headers.length; index += 2)
    lines += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`
  return lines
}
