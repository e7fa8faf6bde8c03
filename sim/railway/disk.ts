/** The bytes behind the rows: a directory for each volume instance, its backups inside it, and one for each bucket. */
import { createHash, type Hash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const backups = '.backups'

/** Directories below one folder. Nothing here asks who may: deletes are immediate and real. */
export interface Disk {
  volumePath(instanceId: string): string
  backupPath(instanceId: string, backupId: string): string
  bucketPath(bucketInstanceId: string): string
  /** Makes the empty directory of a volume instance or of a bucket. */
  makeVolume(instanceId: string): void
  makeBucket(bucketInstanceId: string): void
  /** Everything of the instance goes, the backups inside it too. */
  dropVolume(instanceId: string): void
  dropBucket(bucketInstanceId: string): void
  /** Bytes of the data alone, without the backups. */
  dataBytes(instanceId: string): number
  /** Bytes of everything in the directory: what the platform charges for. */
  totalBytes(instanceId: string): number
  backupBytes(instanceId: string, backupId: string): number
  bucketContents(bucketInstanceId: string): { readonly objects: number; readonly bytes: number }
  /** Copies the data into a new backup, complete or not at all. */
  backUp(instanceId: string, backupId: string): void
  dropBackup(instanceId: string, backupId: string): void
  /** Puts the backup in the place of the data. */
  restore(instanceId: string, backupId: string): void
  /** Empties the data and keeps the backups. */
  wipe(instanceId: string): void
  /** A digest over every path and byte that is left. */
  digest(): string
}

/** The disk below `dir`; makes the folders it needs. */
export function diskAt(dir: string): Disk {
  const volume = (id: string): string => join(dir, 'volumes', safe(id))
  const bucket = (id: string): string => join(dir, 'buckets', safe(id))
  const backup = (id: string, backupId: string): string => join(volume(id), backups, safe(backupId))
  const drop = (path: string): void => rmSync(path, { recursive: true, force: true })
  const wipe = (id: string): void => {
    for (const name of dataOf(volume(id))) drop(join(volume(id), name))
  }
  const copyData = (from: string, to: string): void => {
    mkdirSync(to, { recursive: true })
    for (const name of dataOf(from)) cpSync(join(from, name), join(to, name), { recursive: true })
  }
  mkdirSync(join(dir, 'volumes'), { recursive: true })
  mkdirSync(join(dir, 'buckets'), { recursive: true })
  return {
    volumePath: volume,
    backupPath: backup,
    bucketPath: bucket,
    makeVolume: (id) => void mkdirSync(volume(id), { recursive: true }),
    makeBucket: (id) => void mkdirSync(bucket(id), { recursive: true }),
    dropVolume: (id) => drop(volume(id)),
    dropBucket: (id) => drop(bucket(id)),
    dataBytes: (id) => sum(dataOf(volume(id)).map((name) => measure(join(volume(id), name)).bytes)),
    totalBytes: (id) => measure(volume(id)).bytes,
    backupBytes: (id, backupId) => measure(backup(id, backupId)).bytes,
    bucketContents: (id) => measure(bucket(id)),
    backUp: (id, backupId) => {
      const half = `${backup(id, backupId)}.new`
      copyData(volume(id), half)
      renameSync(half, backup(id, backupId))
    },
    dropBackup: (id, backupId) => drop(backup(id, backupId)),
    restore: (id, backupId) => {
      wipe(id)
      copyData(backup(id, backupId), volume(id))
    },
    wipe,
    digest: () => {
      const hash = createHash('sha256')
      for (const part of ['volumes', 'buckets']) feed(hash, join(dir, part), part)
      return hash.digest('hex')
    },
  }
}

/** An id becomes one path segment; a made-up one must not climb out of the folder. */
function safe(id: string): string {
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : 'no-such-id'
}

function dataOf(path: string): readonly string[] {
  return names(path).filter((name) => name !== backups)
}

function names(path: string): readonly string[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(path).sort()
    : []
}

function measure(path: string): { readonly objects: number; readonly bytes: number } {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return { objects: 0, bytes: 0 }
  if (!stat.isDirectory()) return { objects: 1, bytes: stat.size }
  const below = names(path).map((name) => measure(join(path, name)))
  return {
    objects: sum(below.map(({ objects }) => objects)),
    bytes: sum(below.map(({ bytes }) => bytes)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function feed(hash: Hash, path: string, name: string): void {
  if (statSync(path).isDirectory()) {
    hash.update(`dir ${name}\n`)
    for (const child of names(path)) feed(hash, join(path, child), `${name}/${child}`)
    return
  }
  const bytes = readFileSync(path)
  hash.update(`file ${name} ${bytes.length}\n`).update(bytes)
}
