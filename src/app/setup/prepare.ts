/** Everything that `firebreak init` looks at before it says what it would do. */
import { existsSync, lstatSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { FirebreakError } from '../../base/error.ts'
import { readConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { variables } from '../environment.ts'
import { openPlace } from '../hosts/place.ts'
import type { Place } from '../hosts/host.ts'
import type { Found } from '../../scan/find.ts'
import { homeFound } from './lying.ts'
import { newHomes } from './names.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { freePort } from './ports.ts'
import { programAt } from './program.ts'
import type { Program } from './program.ts'
import { railwayFacts } from './railway-facts.ts'
import { lookAround } from './seen.ts'
import type { Seen } from './seen.ts'
import { railwayUrl } from './served.ts'
import type { RailwayFacts } from './served.ts'
import { textOf } from './write.ts'

export interface Prepared {
  readonly place: Place
  readonly seen: Seen
  /** What else an agent of this user could find. */
  readonly home: readonly Found[]
  readonly plan: Plan
  readonly program: Program
  readonly configFile: string
  /** The config as it will stand there. */
  readonly configText: string
  readonly wasThere: boolean
  /** True where a config came with the checkout, and nobody has accepted it on this machine. */
  readonly isStrange: boolean
}

export interface Wish {
  /** The config; its folder's checkout is what is looked at. */
  readonly file: string
  readonly store: string | null
  /** Every MCP server goes through Firebreak, those without a credential too. */
  readonly all: boolean
  /** Passwords of `~/.pgpass` go into custody too. */
  readonly home: boolean
  /** False: no platform is asked, and what it would say stays open. */
  readonly asks?: boolean
}

/** Reads this checkout, the hosts' files and, for a Railway token, what it sees. Changes nothing. */
export async function prepare({
  file,
  store,
  all,
  home: takes,
  asks = true,
}: Wish): Promise<Prepared> {
  const configFile = ownPath(resolve(file))
  const place = placeOf(configFile)
  const checkout = await lookAround(place)
  const home = await homeFound(place.home)
  const seen = takes ? withPgpass(checkout, home, place) : checkout
  const before = textOf(configFile)
  const config = before === null ? null : readConfig(configFile, before)
  const facts = await railwayOf(
    place,
    seen.found.filter(({ at }) => !seen.fixed.has(at.file)),
    asks,
  )
  const program = programAt()
  const [http, sql] = [await freePort(7077), await freePort(6432)]
  const ways =
    config === null
      ? { listen: `127.0.0.1:${http}`, postgres: `127.0.0.1:${sql}` }
      : { listen: config.listen, postgres: config.postgres.listen }
  const plan = planOf({
    place,
    seen,
    config: { path: configFile, before },
    taken: Object.keys(config?.targets ?? {}),
    hasShell: Object.values(config?.targets ?? {}).some(({ platform }) => platform === 'shell'),
    homes: newHomes(place.checkout, store === null ? null : resolve(store)),
    ways,
    // Never the one that calls come in by, where that is not the usual one.
    page: config === null ? `127.0.0.1:${await freePort(Math.max(7077, http) + 1)}` : null,
    hook: program.hook,
    firebreak: program.firebreak,
    all,
    railway: (found) => facts.get(keyOf(found)) ?? null,
  })
  const left = takes ? home.filter(({ rule }) => rule !== 'pgpass') : home
  const configText = textIn(plan, configFile, before)
  return { place, seen, home: left, plan, program, configFile, configText, ...wasIn(config) }
}

/** Where the config lies, by whatever way it was named; one that is itself a link would be written where nobody looks. */
function ownPath(file: string): string {
  const folder = openPlace({ checkout: '', home: '', env: {} }).real(dirname(file))
  const path = join(folder, basename(file))
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path
  throw new FirebreakError(
    'bad_config',
    `\`${file}\` is a link`,
    'name the config that it leads to, by `--config`',
  )
}

/** The config as it will be. */
function textIn({ files }: Plan, configFile: string, before: string | null): string {
  return files.find(({ path }) => path === configFile)?.after ?? before ?? ''
}

function wasIn(config: Config | null): Pick<Prepared, 'wasThere' | 'isStrange'> {
  const isStrange = config !== null && !existsSync(join(config.state, 'state.db'))
  return { wasThere: config !== null, isStrange }
}

/** Those of the home that can be led through a gateway, as if they stood in the checkout. */
function withPgpass(seen: Seen, home: readonly Found[], place: Place): Seen {
  const found = home
    .filter(({ rule }) => rule === 'pgpass')
    .map((each) => ({ ...each, at: { ...each.at, file: join(place.home, each.at.file.slice(2)) } }))
  return { ...seen, found: [...seen.found, ...found] }
}

/** The checkout around a config, as hosts of agents see it. */
export function placeOf(configFile: string): Place {
  return openPlace({
    checkout: checkoutOf(dirname(configFile)),
    home: homedir(),
    env: variables(),
  })
}

/** The folder that git knows as a checkout's top; the folder itself where it is none. */
function checkoutOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return folder
  }
}

async function railwayOf(
  place: Place,
  found: readonly Found[],
  asks: boolean,
): Promise<ReadonlyMap<string, RailwayFacts>> {
  const facts = new Map<string, RailwayFacts>()
  for (const each of found.filter(({ provider }) => provider === 'railway')) {
    const url = railwayUrl(place.read(each.at.file) ?? '')
    if (url !== null && !facts.has(keyOf(each)))
      facts.set(keyOf(each), asks ? await railwayFacts(url, each.secret) : unasked(url))
  }
  return facts
}

const unasked = (url: string): RailwayFacts => ({ url, header: 'authorization', environments: {} })

function keyOf({ at, secret }: Found): string {
  return `${at.file} ${secret.reveal()}`
}
