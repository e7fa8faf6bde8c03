/** The vault of the config: where points lie, from where things are read, what counts; without one, nothing is covered. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Servers } from '../vault/servers.ts'
import type { Box } from '../vault/box.ts'
import type { Offsite } from '../vault/offsite.ts'
import { parseRef } from '../vault/needs.ts'
import type { Holding, Source } from '../vault/needs.ts'
import type { Restic } from '../vault/restic-point.ts'
import type { Marks } from '../vault/marks.ts'
import type { Databases, VaultParts } from '../vault/parts.ts'
import { openVault } from '../vault/vault.ts'
import type { OpenVault } from '../vault/vault.ts'
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Entry, Ledger, State } from '../guard/ports.ts'
import type { Config } from './config.ts'
import { withinRoom } from './retention.ts'
import type { Room } from './retention.ts'
import { realChance } from './world.ts'

export interface VaultHouse {
  readonly state: State
  readonly ledger: Ledger
  readonly clock: Clock
  readonly box: Box | null
  readonly offsite: Offsite | null
  /** Opens restic's repositories; none where nothing is said. */
  readonly restic?: Restic
  /** Databases whose acts run with an image; none where nothing is said. */
  readonly databases?: Databases
  readonly marks: Marks
  /** How full it may be; as full as its disk where nothing is said. */
  readonly room?: Room | null
  /** Databases of which whole points are taken; none where nothing is said. */
  readonly servers?: Servers
  /** Hears how far a copy is; nobody does where nothing is said. */
  readonly progress?: VaultParts['progress']
}

/** Opens the vault. Throws `bad_config` for a source or link that names nothing. */
export function openConfiguredVault(config: Config, house: VaultHouse): OpenVault {
  if (config.vault === undefined || house.box === null) return noVault
  const { sources, minimum } = config.vault
  const vault = openVault({
    box: house.box,
    ...(house.offsite === null ? {} : { offsite: house.offsite }),
    sources: sources.map((source): Source => {
      const covers = refOf(source.covers)
      if ('database' in source) return { covers, database: source.database }
      return { covers, path: source.path, repository: source.restic?.repository }
    }),
    ...(house.restic === undefined ? {} : { restic: house.restic }),
    links: config.links.map((link): Holding => ({
      holder: refOf(link.holder),
      held: refOf(link.held),
    })),
    storeOn: [],
    minimum,
    marks: house.marks,
    drills: new Map(
      Object.entries(config.vault.databases).flatMap(([target, { drill }]) =>
        drill === undefined ? [] : [[target, drill] as const],
      ),
    ),
    ...(house.servers === undefined ? {} : { servers: house.servers }),
    ...(house.databases === undefined ? {} : { databases: house.databases }),
    state: house.state,
    note: noting(house.ledger),
    clock: house.clock,
    chance: realChance,
    progress: house.progress ?? ((): void => undefined),
  })
  return house.room ? withinRoom(vault, house.room) : vault
}

/** Writes a point down in the ledger. */
export function noting(ledger: Ledger): VaultParts['note'] {
  return async (tx, row) => {
    const body = {
      id: row.id,
      covers: row.covers.map(({ type, id }) => `${type}/${id}`),
      grade: row.grade,
      bytes: row.bytes,
      manifest: row.manifest,
    }
    const entry: Entry = {
      kind: 'recovery-point',
      at: row.takenAt,
      subject: row.id,
      principal: null,
      body,
    }
    await ledger.append(tx, [entry])
  }
}

/** Where the servers of drills lie: a place for each state, since whoever holds a drill sweeps what lies there. */
export function scratchOf({ vault, state }: Config): string {
  const own = createHash('sha256').update(state).digest('hex').slice(0, 8)
  return vault?.scratch ?? join(tmpdir(), `firebreak-scratch-${process.getuid?.() ?? 0}-${own}`)
}

/** The links as the inventory follows them. */
export function linksOf(
  config: Config,
): readonly { readonly holder: string; readonly held: string }[] {
  return config.links
}

function refOf(text: string): ResourceRef {
  const ref = parseRef(text)
  if (ref === null) throw new FirebreakError('bad_config', `\`${text}\` must be \`target/type/id\``)
  return ref
}

const none = 'no vault is configured: add `vault:` with a `store` and `sources`'

/** Nothing is covered, so whatever needs a way back is refused and says why. */
const noVault: OpenVault = {
  box: null,
  foresee: async () => await Promise.resolve({ missing: [none], points: [], untried: [] }),
  cover: async () => await Promise.resolve({ kind: 'missing', why: [none] }),
  verify: async () => await Promise.resolve(false),
  inspect: async () => await Promise.reject(new FirebreakError('not_found', none)),
  restore: async () => await Promise.reject(new FirebreakError('not_found', none)),
  restoreTo: async () => await Promise.reject(new FirebreakError('not_found', none)),
  isOverLiving: async () => await Promise.resolve(false),
  backup: async () => await Promise.reject(new FirebreakError('not_found', none)),
  drill: async () => await Promise.reject(new FirebreakError('not_found', none)),
  restoreInto: async () => await Promise.reject(new FirebreakError('not_found', none)),
  unpack: async () => await Promise.reject(new FirebreakError('not_found', none)),
  image: async () => await Promise.resolve({ kind: 'missing', why: [none], beside: [] }),
  before: async () => await Promise.reject(new FirebreakError('not_found', none)),
  list: async () => await Promise.resolve([]),
}
