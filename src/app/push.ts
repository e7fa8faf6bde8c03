/** Browsers that approvers have asked to be told at: kept sealed, checked against the services that the config names. */
import { createHash, ECDH } from 'node:crypto'
import * as v from 'valibot'
import { approvers } from '../approvals/enrol.ts'
import { FirebreakError } from '../base/error.ts'
import { canonical, parseJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Clock } from '../base/clock.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { State } from '../guard/ports.ts'
import type { ApproverRow, PushRow } from '../guard/rows.ts'
import { vapidKeys } from '../notices/push.ts'
import type { PushPlace, Subscription } from '../notices/push.ts'
import type { Config } from './config.ts'
import type { Notify } from './config-notify.ts'

export interface PushHouse {
  readonly state: State
  readonly seal: OpenSeal
}

interface Whole extends PushHouse {
  readonly config: Config
  readonly clock: Clock
}

export type PushEntry = Extract<Notify['channels'][string], { readonly kind: 'push' }>

/** Of one person; a browser that subscribes anew gets another address. */
const mostOfOne = 10

const base64url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/, 'is no base64url'))
const subscription = v.strictObject({
  endpoint: v.pipe(v.string(), v.maxLength(2000)),
  // Nothing can be sealed for another: it would be tried for a day, and no letter ends.
  p256dh: v.pipe(base64url, v.length(87), v.check(isPoint, 'is no key')),
  auth: v.pipe(base64url, v.length(22)),
})

/** What a browser needs to subscribe; null where no channel is of that kind. */
export function pushKey({ config, seal }: Pick<Whole, 'config' | 'seal'>): string | null {
  return entryOf(config) === null ? null : vapidKeys(seal.derive('push')).publicKey
}

/** Throws `bad_input` for an address that is of no service that the config names. */
export async function subscribe(
  house: Whole,
  seat: Pick<ApproverRow, 'id'>,
  input: JsonObject,
): Promise<Json> {
  const given = readOr(subscription, input)
  const entry = entryOf(house.config)
  if (entry === null || !isService(entry, given.endpoint))
    throw new FirebreakError(
      'bad_input',
      'that is the address of no push service that the config names',
      'a channel of `kind: push` under `notify.channels` has `services`',
    )
  const id = idOf(given.endpoint)
  const row = {
    id,
    approver: seat.id,
    sealed: house.seal.seal(canonical({ ...given }), contextOf(id, seat.id)),
    addedAt: house.clock.now(),
  }
  await house.state.transact(async (tx) => {
    const had = (await tx.find('push', { approver: seat.id })).filter((one) => one.id !== id)
    const oldest = had.toSorted((a, b) => a.addedAt - b.addedAt)
    for (const old of oldest.slice(0, Math.max(0, had.length - mostOfOne + 1)))
      await tx.remove('push', old.id)
    await tx.put('push', row)
  })
  return { id }
}

/** Of one's own; what is not there is as good as gone. */
export async function unsubscribe(
  { state }: PushHouse,
  seat: Pick<ApproverRow, 'id'>,
  input: JsonObject,
): Promise<Json> {
  const { endpoint } = readOr(v.strictObject({ endpoint: v.string() }), input)
  const id = idOf(endpoint)
  await state.transact(async (tx) => {
    if ((await tx.get('push', id))?.approver === seat.id) await tx.remove('push', id)
  })
  return { id }
}

/** Where the channel sends: to who is still enrolled, and to no place that the config does not name any more. */
export function pushPlace(
  { state, seal, config }: PushHouse & { readonly config: Config },
  entry: PushEntry,
): PushPlace {
  const site = config.console?.origin ?? null
  return {
    key: seal.derive('push'),
    contact:
      entry.contact ?? (site?.startsWith('https:') === true ? site : 'mailto:firebreak@localhost'),
    subscriptions: async () => {
      const [people, rows] = await state.transact(
        async (tx) => [await approvers(tx), await tx.find('push', {})] as const,
      )
      const here = new Set(people.map(({ id }) => id))
      return rows
        .filter(({ approver }) => here.has(approver))
        .flatMap((row) => opened(seal, row))
        .filter(({ endpoint }) => isService(entry, endpoint))
    },
    forget: async (id) => await state.transact((tx) => tx.remove('push', id)),
    linkTo: ({ items: [first] }) => {
      if (site === null) return null
      const isHold = first?.kind === 'hold' || first?.kind === 'act'
      return isHold ? `${site}/#/hold/${first.subject}` : `${site}/#/now`
    },
  }
}

function readOr<S extends v.GenericSchema>(schema: S, input: JsonObject): v.InferOutput<S> {
  const read = v.safeParse(schema, input)
  if (read.success) return read.output
  throw new FirebreakError('bad_input', `that is no subscription: ${read.issues[0].message}`)
}

function entryOf({ notify }: Config): PushEntry | null {
  const all = Object.values(notify?.channels ?? {})
  return all.find((one): one is PushEntry => one.kind === 'push') ?? null
}

/** INVARIANT (secret-stays): what is told goes to services that an accepted config names, and to no host that a page does. */
function isService({ services }: PushEntry, endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const { protocol, host, hostname, username, password } = new URL(endpoint)
  const isHere = hostname === '127.0.0.1' || hostname === 'localhost'
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere)) return false
  if (username !== '' || password !== '') return false
  return services.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one))
}

/** A row that another hand wrote is nobody's. */
function opened(
  seal: OpenSeal,
  { id, approver, sealed }: PushRow,
): readonly (Subscription & { readonly id: string })[] {
  try {
    const read = v.safeParse(subscription, parseJson(seal.open(sealed, contextOf(id, approver))))
    return read.success ? [{ id, ...read.output }] : []
  } catch {
    return []
  }
}

/** On P-256, as RFC 8291, §3.1 has it. */
function isPoint(text: string): boolean {
  try {
    ECDH.convertKey(text, 'prime256v1', 'base64url')
    return true
  } catch {
    return false
  }
}

function idOf(endpoint: string): string {
  return `push_${createHash('sha256').update(endpoint).digest('hex').slice(0, 32)}`
}

function contextOf(id: string, approver: string): string {
  return `${id} ${approver}`
}
