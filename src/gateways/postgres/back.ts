/** The way from the server to the client: bytes go on untouched, and what the session hangs on is seen as it passes. */
import { codeOf, readReady, readReturned, readSetting, readTag } from '../../wire/postgres/back.ts'
import type { Session } from '../../wire/postgres/session.ts'
import { openWalk, type Look, type Walker } from '../../wire/postgres/walk.ts'
import { moved } from './parameters.ts'
import type { Enforcer, Heard } from './seam.ts'

/** Takes what the server says instead of the client, while the gateway speaks to it itself. */
export interface Ear {
  /** Whether the enforcer hears of it as well. */
  readonly tells: boolean
  begins(type: number, bodyBytes: number): Look
  ends(type: number, body: Uint8Array): void
}

export interface Back {
  push(chunk: Uint8Array): void
  /** True if the client has been sent whole messages only. */
  readonly whole: boolean
  /** Whoever listens instead of the client; null for nobody. */
  ear: Ear | null
}

interface Hooks {
  readonly session: Session
  readonly enforcer: Enforcer
  readonly goes: (bytes: Uint8Array) => void
  /** A pinned setting has moved. */
  readonly moved: (name: string) => void
}

/** The longest message of a server. */
const mostBytes = 0x7fffffff
const passes: Look = { goes: true, read: 0 }
/** How much of a body is looked at. */
const looks: Readonly<Record<number, Look>> = {
  67: { goes: true, read: 256 },
  69: { goes: true, read: 512 },
  83: { goes: true, read: 65_536 },
  86: { goes: true, read: 12 },
  90: { goes: true, read: 1 },
}

/** What a server may say at any time: notices, notifications, settings. */
export function isAside(type: number): boolean {
  return type === 78 || type === 65 || type === 83
}

class Watch implements Walker, Back {
  readonly #hooks: Hooks
  readonly #walk = openWalk(this, mostBytes)
  ear: Ear | null = null

  constructor(hooks: Hooks) {
    this.#hooks = hooks
  }

  get whole(): boolean {
    return this.#walk.whole
  }

  push(chunk: Uint8Array): void {
    this.#walk.push(chunk)
  }

  begins(type: number, bodyBytes: number): Look {
    const look = looks[type]
    if (look === undefined) this.#reckon(type)
    const other = this.ear?.begins(type, bodyBytes)
    return other ?? look ?? passes
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 83) this.#setting(body)
    else if (looks[type] !== undefined) this.#reckon(type, body)
    this.ear?.ends(type, body)
  }

  goes(bytes: Uint8Array): void {
    this.#hooks.goes(bytes)
  }

  #reckon(type: number, body?: Uint8Array): void {
    const { session, enforcer } = this.#hooks
    const status = type === 90 && body !== undefined ? readReady(body) : session.status
    const step = session.heard(type, status)
    if (enforcer.heard === undefined || this.ear?.tells === false) return
    if (step !== null) enforcer.heard({ kind: 'done', step })
    // At the desk the client is told when all of it is done, and so is the enforcer.
    if (type === 90 && this.ear === null) enforcer.heard({ kind: 'ready', status })
    const message = body === undefined ? null : heardOf(type, body)
    if (message !== null) enforcer.heard(message)
  }

  #setting(body: Uint8Array): void {
    const [name, value] = readSetting(body)
    if (moved(name, value)) this.#hooks.moved(name)
    this.#hooks.enforcer.heard?.({ kind: 'setting', name, value })
  }
}

function heardOf(type: number, body: Uint8Array): Heard | null {
  if (type === 67) return { kind: 'complete', tag: readTag(body) }
  if (type === 86) return { kind: 'returned', value: readReturned(body) }
  return type === 69 ? { kind: 'error', code: codeOf(body) } : null
}

export function openBack(hooks: Hooks): Back {
  return new Watch(hooks)
}
