/** What the vault asks of whoever can reach databases. */
import type { Secret } from '../base/secret.ts'
import type { Session } from '../platforms/postgres/questions.ts'

/** Databases of which whole points are taken, and where drills are held. */
export interface Servers {
  readonly has: (target: string) => boolean
  /** The server's own name of the database. */
  readonly nameOf: (target: string) => string
  /** A session as whoever may read all of it; with a name, in another database of the same server. */
  readonly open: (
    target: string,
    database?: string,
  ) => Promise<Session & { close(): Promise<void> }>
  /** Where scratch servers lie. */
  readonly scratch: string
  /**
   * A socket in that folder that leads one caller into a session of ours, logged in already: whoever calls needs no password,
   * and meets the same server by the same checks. Where there is none, schemas are kept by plain SQL.
   */
  readonly lead?: (target: string, folder: string) => Promise<{ close(): Promise<void> }>
  /** A session with a scratch server. */
  readonly dial: (place: Dialled) => Promise<Session & { close(): Promise<void> }>
}

export interface Dialled {
  readonly socket: string
  readonly port: number
  readonly user: string
  readonly secret: Secret
  readonly database: string
}
