/** What a scan finds: a credential, where it stands and whose it is; its text can be used and not printed. */
import type { Secret } from '../base/secret.ts'

export type Source =
  'checkout' | 'staged' | 'history' | 'home' | 'environment' | 'process' | 'shell-history'

export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units, as editors and SARIF count. */
  readonly column: number
  /** Of the secret's own text, in UTF-16 units. */
  readonly length: number
}

export interface Found {
  /** Stable: of the rule and the secret, never of the place, so that a moved secret stays the same finding. */
  readonly id: string
  readonly rule: string
  /** `unknown` where only the name and the look of the value tell. */
  readonly provider: string
  readonly secret: Secret
  /** The whole connection string, or the line of a file of passwords, where the secret is the password in one. */
  readonly within: Secret | null
  /** What may be shown: never more than what tells two apart. */
  readonly masked: string
  readonly at: Place
  /** The variable, key or option that it stands under. */
  readonly name: string | null
  readonly source: Source
  /** Where it comes from the history: the commit that brought it in, as far as git knows. */
  readonly commit: string | null
  /** It can reach little: a database on this machine, a platform's test mode. */
  readonly low: boolean
}

/** What could not be looked at, or not to its end. */
export interface Unreadable {
  readonly unreadable: string
  readonly why: string
}
