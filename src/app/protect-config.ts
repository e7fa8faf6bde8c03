/** A database in the config: found there, or written into it, and never over what a person wrote. */
import { randomBytes } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { FirebreakError, messageOf } from '../base/error.ts'
import { linesOf, newConfig, withAddition } from './config-add.ts'
import type { Addition } from './config-add.ts'
import { databaseAt } from './config-targets.ts'
import { readConfig } from './config.ts'
import type { Config } from './config.ts'
import type { Named } from './database-url.ts'
import type { EngineName } from './protect-engines.ts'

export interface Wish {
  readonly file: string
  readonly named: Named
  /** As the person calls it; null where the database's own name will do. */
  readonly name: string | null
  /** As the person gives it; null where the config must have one. */
  readonly store: string | null
  readonly ca: string | null
}

export interface Plan {
  readonly name: string
  /** Where the recovery points go. */
  readonly store: string
  /** The engine that the config names already; null where that is still to choose. */
  readonly engine: EngineName | null
  /** Null where all of it is in the config. */
  readonly addition: (engine: EngineName) => Addition | null
}

/** Throws `bad_input` where no store is named, or two, and for a name that is another database's. */
export function planOf(wish: Wish): Plan {
  const config = existsSync(wish.file) ? readConfig(wish.file) : null
  const name = nameOf(wish, config)
  const entry = config?.targets[name]
  const kept = config?.vault?.databases[name]
  const store = storeOf(wish, config)
  return {
    name,
    store,
    engine: kept?.engine ?? null,
    addition: (engine) =>
      entry !== undefined && kept !== undefined
        ? null
        : {
            name,
            target: entry === undefined ? targetOf(wish) : null,
            database: kept === undefined ? oftenOf(engine) : null,
            store: config?.vault === undefined ? store : null,
          },
  }
}

/** Writes it. False where a person must put the lines in: then nothing was written. */
export function writeAddition(file: string, addition: Addition): boolean {
  if (!existsSync(file)) {
    // Somebody else may have made one meanwhile: that one stays.
    writeFileSync(file, newConfig(addition), { flag: 'wx' })
    return true
  }
  const before = readFileSync(file, 'utf8')
  const after = withAddition(before, addition)
  if (after === null) return false
  // A link stays one.
  const place = realpathSync(file)
  const draft = `${place}.${randomBytes(6).toString('hex')}.new`
  try {
    writeFileSync(draft, after, { flag: 'wx', mode: statSync(place).mode })
    readConfig(draft)
    if (readFileSync(place, 'utf8') !== before)
      throw new FirebreakError(
        'wrong_state',
        `\`${file}\` was changed by somebody else just now`,
        'look at it, then run this again',
      )
    renameSync(draft, place)
  } catch (thrown) {
    rmSync(draft, { force: true })
    if (thrown instanceof FirebreakError) throw thrown
    throw new FirebreakError(
      'bad_config',
      `\`${file}\` cannot be written: ${messageOf(thrown)}`,
      'look who may write there',
      thrown,
    )
  }
  return true
}

/**
 * With a vault the ledger's last head is remembered there and no more in the state: what is remembered goes with it, or the next
 * start would find that nothing is.
 */
export function carryHeads(state: string, store: string): void {
  const names = existsSync(state) ? readdirSync(state) : []
  for (const name of names.filter((each) => /^head-[0-9a-f]+$/.test(each)))
    if (!existsSync(join(store, name)))
      copyFileSync(join(state, name), join(store, name), constants.COPYFILE_EXCL)
}

/** For a person to put in. */
export function linesFor(addition: Addition): readonly string[] {
  return linesOf(addition).trimEnd().split('\n')
}

function nameOf({ named, name, file }: Wish, config: Config | null): string {
  const entries = Object.entries(config?.targets ?? {})
  const same = entries.find(
    ([, entry]) =>
      entry.platform === 'postgres' && isDeepStrictEqual(databaseAt(entry.url), named.at),
  )
  if (same !== undefined && (name === null || same[0] === name)) return same[0]
  const own =
    name ??
    (named.at.database
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replace(/^[^a-z]+/, '')
      .slice(0, 40) ||
      'database')
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(own))
    throw new FirebreakError('bad_input', '`--name` must be lower case: `a-z`, `0-9` and `-`')
  if (entries.some(([other]) => other === own))
    throw new FirebreakError(
      'bad_input',
      `\`${file}\` has a target \`${own}\` that is something else`,
      'give this one another: `--name NAME`',
    )
  return own
}

function storeOf({ store, file }: Wish, config: Config | null): string {
  const kept = config?.vault?.store ?? null
  if (kept !== null && store !== null && resolve(store) !== kept)
    throw new FirebreakError(
      'bad_input',
      `\`${file}\` has another store already`,
      'leave `--store` out, or change the config by hand',
    )
  if (kept !== null) return kept
  if (store !== null) return resolve(store)
  throw new FirebreakError(
    'bad_input',
    'recovery points need a place: `--store FOLDER`',
    "on another disk than the database's, best on another machine",
  )
}

function targetOf({ named: { url, isPlain, at }, ca }: Wish): object {
  return {
    platform: 'postgres',
    url,
    ...(isPlain && !at.host.startsWith('/') ? { tls: 'off' } : {}),
    ...(ca === null || isPlain ? {} : { ca: resolve(ca) }),
    environments: { production: { id: at.database } },
  }
}

/** A base backup goes on with WAL; a copy by SQL is as old as the last one. */
function oftenOf(engine: EngineName): object {
  return engine === 'physical' ? { engine, every: '1d', drill: '7d' } : { every: '6h', drill: '7d' }
}
