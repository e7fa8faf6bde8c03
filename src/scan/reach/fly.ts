/** What a Fly token can do, read from the token itself: it is a macaroon whose caveats only ever narrow it (https://github.com/superfly/macaroon). Nobody is asked. */
import { accountOf, toldOf } from './provider.ts'
import type { Provider } from './provider.ts'
import { silent } from './reach.ts'
import type { Power, Reach } from './reach.ts'
import { familyOf } from './rest.ts'
import { unpack } from './unpack.ts'
import type { Packed } from './unpack.ts'

/** Types of caveats, by the platform's own list. Any other only narrows, and is passed over. */
const organization = 0
const volumes = 2
const apps = 3
const validity = 4
/** Bits of an action. */
const [write, create, remove] = [2, 4, 8] as const

export const fly: Provider = {
  name: 'fly',
  hosts: ({ secret }) => (secret.reveal().includes('fm2_') ? [] : null),
  asks: 'since the token says by itself what it may',
  reach: async ({ secret }) => await Promise.resolve(readToken(secret.reveal(), new Date())),
}

/** What the caveats leave. Throws for what is no macaroon. */
export function readToken(text: string, now: Date): Reach {
  const macaroons = text
    .split(',')
    .filter((part) => part.startsWith('fm2_'))
    .map((part) => unpack(Buffer.from(part.slice(4), 'base64')))
  // Others beside it only prove who shows it.
  const own = macaroons.find(
    (one) => said(one, 1).endsWith('/v1') && !said(one, 1).includes('/aaa/'),
  )
  if (own === undefined) return silent('it holds no token for the platform itself')
  const caveats = caveatsOf(own)
  const until = caveats.filter(([type]) => type === validity).map(([, body]) => numberAt(body, 1))
  if (until.some((second) => second * 1000 < now.getTime()))
    return { kind: 'dead', why: 'it says itself that its time is over' }
  const organizations = caveats.filter(([type]) => type === organization)
  const mask = organizations.reduce((left, [, body]) => left & numberAt(body, 1), 0xffff)
  const id = organizations.map(([, body]) => numberAt(body, 0))[0] ?? null
  const named = caveats.some(([type]) => type === apps || type === volumes)
  const who = id === null ? 'every organization' : `organization ${id}`
  const things = [familyOf('volumes', 'data', String(id), `of ${who}`)]
  return toldOf(
    accountOf('fly', id === null ? '' : String(id)),
    named ? `some apps of ${who}` : who,
    {
      isBlanket: !named && (mask & remove) !== 0,
      things,
      powers: powersOf(mask),
    },
  )
}

function powersOf(mask: number): readonly Power[] {
  const may = (bit: number, power: Power): readonly Power[] => ((mask & bit) === 0 ? [] : [power])
  return [
    ...may(remove, { operation: 'delete volumes, machines and apps', does: 'destroys', on: 'all' }),
    ...may(write | create, { operation: 'deploy', does: 'changes', on: [] }),
    { operation: 'read', does: 'reads', on: 'all' },
  ]
}

function caveatsOf(macaroon: Packed): readonly (readonly [number, Packed])[] {
  const list = Array.isArray(macaroon) ? (macaroon[2] ?? null) : null
  if (!Array.isArray(list)) throw new Error('a macaroon without caveats')
  return list.flatMap((type: Packed, at) =>
    at % 2 === 0 && typeof type === 'number' ? [[type, list[at + 1] ?? null] as const] : [],
  )
}

function said(packed: Packed, at: number): string {
  const value = Array.isArray(packed) ? packed[at] : null
  return typeof value === 'string' ? value : ''
}

/** Not said: the widest. */
function numberAt(packed: Packed, at: number): number {
  const value: Packed | undefined = Array.isArray(packed) ? packed[at] : undefined
  return typeof value === 'number' ? value : 0xffff_ffff
}
