/** The ledger's rows in memory, with every byte in reach: for tests that tamper. */
import type { Entry, LogRows, Tx } from '../../src/guard/ports.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { openSigner, readVerifier } from '../../src/ledger/note.ts'

export interface MemoryRows extends LogRows {
  /** By index; a missing index is a dropped row. */
  readonly rows: Map<number, Uint8Array>
  /** By `level/index`. */
  readonly hashes: Map<string, Uint8Array>
  readonly notes: Map<number, string>
  readonly copy: () => MemoryRows
}

export function memoryRows(from?: Pick<MemoryRows, 'rows' | 'hashes' | 'notes'>): MemoryRows {
  const rows = new Map<number, Uint8Array>()
  for (const [index, leaf] of from?.rows ?? []) rows.set(index, leaf.slice())
  const hashes = new Map<string, Uint8Array>()
  for (const [place, hash] of from?.hashes ?? []) hashes.set(place, hash.slice())
  const notes = new Map(from?.notes)
  const size = (): number => Math.max(-1, ...rows.keys()) + 1
  return {
    rows,
    hashes,
    notes,
    copy: () => memoryRows({ rows, hashes, notes }),
    size: async () => size(),
    append: async (leaves) => {
      for (const leaf of leaves) rows.set(size(), leaf)
    },
    leaves: async (first, to) =>
      [...rows]
        .filter(([index]) => index >= first && index < to)
        .toSorted(([a], [b]) => a - b)
        .map(([, leaf]) => leaf),
    hash: async (level, index) => hashes.get(`${level}/${index}`) ?? null,
    putHashes: async (more) => {
      for (const { level, index, hash } of more) {
        if (hashes.has(`${level}/${index}`)) throw new Error(`hash ${level}/${index} is there`)
        hashes.set(`${level}/${index}`, hash)
      }
    },
    putCheckpoint: async (at, note) => void notes.set(at, note),
    checkpoint: async () => {
      const newest = Math.max(-1, ...notes.keys())
      const note = notes.get(newest)
      return note === undefined ? null : { size: newest, note }
    },
  }
}

/** A transaction that has a ledger and nothing else. */
export function txOf(log: LogRows): Tx {
  const none = async (): Promise<never> =>
    await Promise.reject(new Error('only the ledger is here'))
  return { get: none, put: none, remove: none, find: none, log }
}

export const seed = new Uint8Array(32).fill(7)
export const signer = openSigner('firebreak.example/ledger', seed)
export const verifier = readVerifier(signer.verifier)
export const witnessSigner = openSigner('witness.example/w1', new Uint8Array(32).fill(9), 'witness')
export const witnessKey = readVerifier(witnessSigner.verifier)

export const entry = (n: number, more: Partial<Entry> = {}): Entry => ({
  kind: 'denied',
  at: 1_790_000_000_000 + n * 1000,
  subject: null,
  principal: 'agent:claude',
  body: { n },
  ...more,
})

/** Rows with batches of entries, a checkpoint after each. */
export async function ledgerOf(batches: readonly (readonly Entry[])[]): Promise<MemoryRows> {
  const log = memoryRows()
  const ledger = openLedger(signer)
  for (const batch of batches) await ledger.append(txOf(log), batch)
  return log
}

/** Rows with this many entries, in batches of one to five. */
export async function ledgerOfSize(size: number): Promise<MemoryRows> {
  const batches: Entry[][] = []
  for (let from = 0; from < size; from += (from % 5) + 1)
    batches.push(
      Array.from({ length: Math.min((from % 5) + 1, size - from) }, (_, step) =>
        entry(from + step),
      ),
    )
  return await ledgerOf(batches)
}

/** An export in memory: its files by path, to be written, read and tampered with. */
export function memoryFiles(): {
  readonly files: Map<string, Uint8Array>
  readonly write: (path: string, bytes: Uint8Array) => Promise<void>
  readonly read: (path: string) => Promise<Uint8Array | null>
} {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    write: async (path, bytes) => void files.set(path, bytes),
    read: async (path) => files.get(path) ?? null,
  }
}
