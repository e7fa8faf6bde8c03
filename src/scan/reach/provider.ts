/** How one provider is asked what a credential of its can do; and the answers that mean the same everywhere. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import type { Ask, Heard } from './ask.ts'
import { silent } from './reach.ts'
import type { Reach, Told } from './reach.ts'

/** A credential as it was found. */
export interface Credential {
  readonly rule: string
  readonly secret: Secret
  /** The line that it stands in, where that says whom it is for. */
  readonly within?: Secret | null
  /** Other secrets of the same provider in the same file: the other half of a pair. */
  readonly beside: readonly { readonly rule: string; readonly secret: Secret }[]
}

export interface Provider {
  /** As the rules of the scan name it. */
  readonly name: string
  /** The platform's own hosts, never one that a file names; none where the credential tells by itself. Null: this one cannot be asked about. */
  readonly hosts: (credential: Credential) => readonly string[] | null
  /** What is asked, for people. */
  readonly asks: string
  /** Reads only. What it throws counts as no answer. */
  readonly reach: (credential: Credential, ask: Ask) => Promise<Reach>
}

/** What an answer means that is no 200: 401 is the end of a credential, all else is no answer. */
export function refusal(heard: Heard, host: string): Reach {
  if (heard.status === 401) return { kind: 'dead', why: `${host} refuses it` }
  return silent(troubleOf(heard, host))
}

/** Why an answer is none. */
export function troubleOf({ status, why, headers }: Heard, host: string): string {
  if (status === 0) return why
  if (status === 429) {
    const wait = headers['retry-after'] ?? ''
    return `${host} wants to be asked later${/^\d{1,6}$/.test(wait) ? ` (in ${wait} s)` : ''}`
  }
  if (status === 403) return `${host} does not let it ask`
  return status === 200
    ? `${host} answered something that is not understood`
    : `${host} answered with status ${status}`
}

/** Most things that are told of one credential: the rest is counted. */
export const mostThings = 500

/** Nothing known yet: for what a provider fills in. */
export function toldOf(account: string | null, who: string, more: Partial<Told> = {}): Told {
  return {
    kind: 'told',
    account,
    who,
    isBlanket: false,
    powers: [],
    things: [],
    copies: [],
    unknown: [],
    ...more,
  }
}

/** An account by the ids of its own; null where none was told, since a platform's bare name would make one account of all. */
export function accountOf(platform: string, ...ids: readonly string[]): string | null {
  const said = [...new Set(ids)].filter((id) => id !== '').toSorted()
  return said.length === 0 ? null : `${platform} ${said.join(' ')}`
}

/** The objects of a list; what is none in it is left out. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value)
    ? value.filter((each: Json): each is JsonObject => isObject(each))
    : []
}

/** A text or a number as text: ids are either. */
export function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
