/** What a store of the vault can do: put once, get, list. It sees sealed bytes only. */
import type { Bytes } from './chunks.ts'

export interface Store {
  /** Where it is, for a person; never a credential. */
  readonly place: string
  /** How it keeps things: `disk` is a folder that this process writes to. */
  readonly kind: 'disk'
  /** Device and inode of where it lies and of every folder above, the innermost first. */
  nodes(): Promise<readonly string[]>
  has(name: string): Promise<boolean>
  /** The bytes of a stored thing; throws `broken_store` where it is not there. */
  get(name: string): Bytes
  getPoint(id: string): Bytes
  /** Ids of the points that are there, oldest first. */
  points(): Promise<readonly string[]>
  /** A place for what is not finished: nothing in it counts before it is named. */
  stage(): Promise<Staging>
}

export interface Staging {
  /** True for what was put here. */
  has(name: string): boolean
  /** Writes it down to the disk; `mend` says that the stored one is damaged and this is its twin. */
  put(name: string, bytes: Bytes, mend: boolean): Promise<void>
  /** The same for bytes whose name is known at their end only: it is asked for then. */
  putLate(bytes: Bytes, name: () => string): Promise<void>
  /** Names what was put: after it those things are there, durably, whole. */
  settle(): Promise<void>
  /** Names a point by its manifest, once; after `settle`. Throws `wrong_state` where the id is taken. */
  name(id: string, manifest: Bytes): Promise<void>
  /** Takes away what was not finished. */
  discard(): Promise<void>
}
