/** How a database is copied whole: a base backup, and its WAL from there on, over one connection. */
import { FirebreakError } from '../../base/error.ts'

/** A place in the WAL, in bytes from its beginning. */
export type Lsn = bigint

export interface Identity {
  /** The cluster's own number, the same in each of its copies. */
  readonly system: string
  readonly timeline: number
  /** How far its WAL is on its disk. */
  readonly flushed: Lsn
}

/** What comes of a base backup, in this order: `began`, then each `archive` and the `manifest` with their `bytes`, `ended`. */
export type BackupEvent =
  | {
      readonly kind: 'began'
      readonly start: Lsn
      readonly timeline: number
      readonly tablespaces: readonly Tablespace[]
    }
  /** A tar archive begins: of a tablespace by its number, or for null of the data directory. */
  | { readonly kind: 'archive'; readonly tablespace: string | null }
  | { readonly kind: 'manifest' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'ended'; readonly stop: Lsn }

export interface Tablespace {
  readonly oid: string
  readonly location: string
}

export type WalEvent =
  | { readonly kind: 'wal'; readonly at: Lsn; readonly bytes: Uint8Array; readonly server: Server }
  /** `asks`: the server hangs up where nothing is reported soon. */
  | { readonly kind: 'alive'; readonly asks: boolean; readonly server: Server }

/** The server at the moment it said something: how far it has WAL, and its clock (milliseconds since 1970). */
export interface Server {
  readonly end: Lsn
  readonly at: number
}

export interface WalStream {
  /** Ends where the timeline does; throws `not_reachable` where the connection is lost. */
  readonly events: AsyncIterable<WalEvent>
  /** What is on a disk here: the server need not keep it any longer. `asks`: it shall say at once how far it is. */
  report(standing: { readonly received: Lsn; readonly durable: Lsn; readonly asks: boolean }): void
}

/** How the bytes come: by the protocol of standbys, or read out of the server's files by plain SQL. */
export type Way = 'replication' | 'sql'

/** One connection; one thing at a time. Each member throws what the server says against it. */
export interface Replication {
  readonly way: Way
  identify(): Promise<Identity>
  /** A setting's value, as the server shows it. */
  show(setting: string): Promise<string>
  /** Where a slot keeps WAL from; null for a slot that is not there or has lost its WAL. */
  slot(name: string): Promise<{ readonly there: boolean; readonly keeps: Lsn | null }>
  makeSlot(name: string): Promise<void>
  /** From which timelines this one comes, as the server's own file says it. */
  history(timeline: number): Promise<string>
  baseBackup(label: string): AsyncIterable<BackupEvent>
  stream(from: {
    readonly slot: string
    readonly at: Lsn
    readonly timeline: number
  }): Promise<WalStream>
  close(): void
}

/** The server's own way to write a place in the WAL, such as `16/B374D848`. */
export function lsnText(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase()
}

/** Throws `bad_input` for a text that names no place in the WAL. */
export function parseLsn(text: string): Lsn {
  const [, high, low] = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i.exec(text) ?? []
  if (high !== undefined && low !== undefined)
    return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
  throw new FirebreakError('bad_input', `\`${text}\` is no place in the WAL, such as \`0/3000060\``)
}
