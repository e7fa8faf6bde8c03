/** What a store of the vault can do: put once, get, list. It sees sealed bytes only. */
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'

export interface Store {
  /** Where it is, for a person; never a credential. */
  readonly place: string
  /** How it keeps things: `disk` is a folder that this process writes to, `s3` a bucket that locks what is put. */
  readonly kind: 'disk' | 's3'
  /** Device and inode of where it lies and of every folder above, the innermost first; none where it is no folder. */
  nodes(): Promise<readonly string[]>
  has(name: string): Promise<boolean>
  /**
   * The bytes of a stored thing; throws `broken_store` where it is not there. Where several lie under the name (mended, or
   * someone wrote over it), the oldest that is whole; without a judge the oldest.
   */
  get(name: string, isWhole?: Judge): Bytes
  getPoint(id: string, isWhole?: Judge): Bytes
  /** True where something lies under a point's name, whatever it is. */
  hasPoint(id: string): Promise<boolean>
  /** Ids of the points that are there, oldest first. */
  points(): Promise<readonly string[]>
  /** Names of the key files that are there, oldest first: the vault's keys, wrapped. */
  keys(): Promise<readonly string[]>
  getKey(name: string, isWhole?: Judge): Bytes
  /**
   * Puts a key file, once and durably; throws `wrong_state` where the name is taken; `mend` says that what has it is none of ours.
   */
  putKey(name: string, bytes: Bytes, mend?: boolean): Promise<void>
  /**
   * Keeps what lies under a name and is these very bytes, as the store's own sums show it; where it shows none, what was read
   * just now and is whole. False where nothing there is either: then it counts for nothing, whatever its name.
   */
  keepSame(thing: Thing, same: Same, until: number): Promise<boolean>
  /** A place for what is not finished: nothing in it counts before it is named. */
  stage(): Promise<Staging>
  /**
   * Keeps a point, the things it leans on and every key file from being taken away by anyone; what is kept for longer already
   * stays so.
   * Comes back with the moment until which all of it is kept; null where the store can keep nothing from its own writer.
   */
  keep(id: string, names: readonly string[], until: number): Promise<number | null>
}

export interface Thing {
  readonly kind: 'object' | 'key'
  readonly name: string
}

export interface Same {
  /** What was put, or would be. */
  readonly bytes: Bytes
  readonly isWhole: Judge
}

/** Reads sealed bytes to their end and says whether they are what the name promises. */
export type Judge = (bytes: Bytes) => Promise<boolean>

export interface Staging {
  /** True for what was put here. */
  has(name: string): boolean
  /** Writes it down to the disk; `mend` says that the stored one is damaged and this is its twin. */
  put(name: string, bytes: Bytes, mend: boolean): Promise<void>
  /** The same for bytes whose name is known at their end only: it is asked for then. */
  putLate(bytes: Bytes, name: () => string): Promise<void>
  /** Names what was put: after it those things are there, durably, whole. */
  settle(): Promise<void>
  /**
   * Names a point by its manifest, once; after `settle`. Throws `wrong_state` where the id is taken; `mend` says that what has it
   * is none of ours.
   */
  name(id: string, manifest: Bytes, mend?: boolean): Promise<void>
  /** Takes away what was not finished. */
  discard(): Promise<void>
}

/** A name becomes part of a path: it must not be able to leave its folder. Throws `bad_input` for one that could. */
export function checked(name: string): string {
  if (!/^[a-z0-9_]{3,100}$/.test(name))
    throw new FirebreakError('bad_input', 'this is no name of a thing in the vault')
  return name
}
