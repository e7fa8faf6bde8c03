/** Where else a point lies that is damaged here, and the very command that brings it back from there. */
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { isObject, parseJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { isMarkId } from '../vault/mark-manifest.ts'
import { isPhysicalId } from '../vault/physical-manifest.ts'
import type { Until } from '../vault/physical-config.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Firebreak } from './compose.ts'
import type { Config } from './config.ts'
import { shellWord } from '../base/shell-word.ts'

export interface Elsewhere {
  /** For a person. */
  readonly place: string
  /** For a shell; what is in capitals a person must fill in, or has in the environment. */
  readonly command: string
}

/** What of it is wanted: all of it where nothing is said. */
interface Part {
  readonly until?: Until
  readonly tables?: readonly string[]
  readonly schema?: string | null
}

/** Null where it does not lie there as this daemon has written it, or nobody can say now. */
export async function elsewhere(
  firebreak: Firebreak,
  id: string,
  wanted: Part = {},
): Promise<Elsewhere | null> {
  const { offsite, config } = firebreak
  const bucket = config.vault?.bucket
  if (offsite === null || bucket === undefined) return null
  // Why it cannot be asked is in its own alarm.
  const manifest = await offsite.manifest(id).catch(() => null)
  const where = manifest === null ? null : destination(id, engineOf(manifest))
  if (where === null) return null
  const { name, region, prefix, endpoint } = bucket
  const command = [
    'AWS_ACCESS_KEY_ID=KEY_ID AWS_SECRET_ACCESS_KEY=SECRET',
    endpoint === undefined ? '' : `AWS_ENDPOINT_URL_S3=${shellWord(endpoint)}`,
    `AWS_REGION=${shellWord(region)}`,
    `firebreak restore ${id}`,
    `--store ${shellWord(`s3://${name}${prefix === '' ? '' : `/${prefix}`}`)}`,
    `--key ${keyFile(config)}`,
    where,
    ...(isPhysicalId(id) ? momentOf(id, wanted.until) : tablesOf(wanted)),
  ]
  return { place: offsite.place, command: command.filter((part) => part !== '').join(' ') }
}

/** What is damaged, with the command as its hint where there is one; all else as it was thrown. */
export async function withElsewhere(
  firebreak: Firebreak,
  id: string,
  { thrown, wanted }: { readonly thrown: unknown; readonly wanted: Part },
): Promise<unknown> {
  if (!(thrown instanceof FirebreakError) || thrown.code !== 'broken_store') return thrown
  const other = await elsewhere(firebreak, id, wanted)
  if (other === null) return thrown
  const hint = `it lies in ${other.place} too: \`${other.command}\``
  const both = thrown.hint === null ? hint : `${thrown.hint}; or ${hint}`
  return new FirebreakError(thrown.code, thrown.message, both, thrown)
}

/** Null for what no restore alone takes: an image of tables goes back into what its own act left. */
function destination(id: string, engine: Json): string | null {
  if (isPhysicalId(id) || engine === 'files') return '--folder NEW'
  return engine === 'logical' ? '--to URL' : null
}

function tablesOf({ tables = [], schema = null }: Part): readonly string[] {
  const into = schema === null ? [] : [`--schema ${shellWord(schema)}`]
  return [...tables.map((table) => `--table ${shellWord(table)}`), ...into]
}

/** A mark is a moment itself. */
function momentOf(id: string, until: Until | undefined): readonly string[] {
  if (until === undefined || isMarkId(id)) return []
  switch (until.kind) {
    case 'end':
      return []
    case 'time':
      return [`--time ${new Date(until.time).toISOString()}`]
    case 'lsn':
      return [`--lsn ${lsnText(until.lsn)}`]
    case 'name':
      return [`--name ${shellWord(until.name)}`]
  }
}

function engineOf(manifest: string): Json {
  const value = parseJson(manifest)
  return isObject(value) ? (value['engine'] ?? null) : null
}

function keyFile({ key, state }: Config): string {
  if (key === undefined) return shellWord(join(state, 'key'))
  return 'file' in key ? shellWord(key.file) : 'KEY_FILE'
}
