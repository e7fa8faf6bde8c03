/** A world small enough to check exhaustively: things with data, the recovery points that cover them, and a guard on a real state. */
import { createHash } from 'node:crypto'
import { isAsker } from '../src/approvals/approve.ts'
import { isObject } from '../src/base/json.ts'
import type { Json } from '../src/base/json.ts'
import type { Action } from '../src/core/action.ts'
import { actionDigest } from '../src/core/action.ts'
import { noRadius } from '../src/core/blast-radius.ts'
import type { Operation } from '../src/core/operation.ts'
import type { Principal } from '../src/core/principal.ts'
import type { Resource } from '../src/core/resource.ts'
import { hold } from '../src/core/verdict.ts'
import { sealApproval } from '../src/guard/approved.ts'
import { openGuard } from '../src/guard/guard.ts'
import type { OpenGuard } from '../src/guard/guard.ts'
import type { House } from '../src/guard/house.ts'
import type { Asked, Entry, Inventory, Runner, State } from '../src/guard/ports.ts'
import { holdById, move } from '../src/guard/hold.ts'
import { openSqlite } from '../src/store/sqlite.ts'

export const graceMs = 1000

/** What has really happened out there, and when: what the laws are checked against. */
export interface World {
  readonly alive: Set<string>
  readonly points: Set<string>
  readonly ran: {
    readonly digest: string
    readonly operation: string
    readonly at: number
    readonly request: Json
    /** By what it is known afterwards; null for a target that keeps none. */
    readonly mark: string | null
  }[]
  now: number
  /** How often chance was asked: no id comes twice, whatever was restarted. */
  drawn: number
}

export function newWorld(): World {
  return { alive: new Set(['data']), points: new Set(['point']), ran: [], now: 1_000_000, drawn: 0 }
}

export const principal: Principal = {
  name: 'agent:a',
  root: 'root-1',
  hops: ['root-1'],
  chain: [],
  mintedBy: 'ada',
  scope: {
    targets: null,
    operations: [],
    environments: [],
    resources: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    rows: null,
  },
}

/** `drop` destroys the data and leans on the point; `purge` destroys the point. */
export function operation(
  name: 'drop' | 'purge',
  parameters: { readonly [key: string]: Json } = {},
): Operation {
  return {
    name,
    effect: 'destroy',
    kinds: [name === 'drop' ? 'data' : 'backup'],
    parameters,
    shown: parameters,
    selects: [],
    names: [
      {
        target: 't',
        type: name === 'drop' ? 'thing' : 'point',
        id: name === 'drop' ? 'data' : 'point',
      },
    ],
    environments: ['production'],
    findings: [],
    alternatives: [],
  }
}

export function asked(name: 'drop' | 'purge', more: Partial<Asked> = {}): Asked {
  const op = operation(name)
  return {
    principal,
    target: 't',
    platform: 'world',
    operations: [op],
    key: null,
    request: { name, parameters: {} },
    reason: null,
    ...more,
  }
}

export interface Harness {
  readonly guard: OpenGuard
  readonly state: State
  readonly house: House
  readonly entries: readonly Entry[]
  readonly approve: (id: string, digest?: string) => Promise<void>
}

/** A guard over this state and world. `runner` can be replaced to break in the act, and so can the rest of the house. */
export function openHarness(
  world: World,
  state: State = openSqlite(':memory:'),
  runner: Runner = worldRunner(world),
  more: Partial<House> = {},
): Harness {
  const entries: Entry[] = []
  const house: House = {
    state,
    ledger: {
      append: async (_, more) => {
        entries.push(...more)
        return entries.length - more.length
      },
      receipt: async (_, index) => {
        const entry = entries[index]
        return entry === undefined ? null : { principal: entry.principal, text: `entry ${index}` }
      },
    },
    inventory: knowing,
    vault: {
      foresee: async () => ({ missing: [], points: [], untried: [] }),
      cover: async () =>
        world.points.has('point')
          ? { kind: 'covered', points: [point] }
          : { kind: 'missing', why: ['the point is gone'] },
      verify: async () => world.points.has('point'),
      restore: async () => 'restored',
    },
    seal: { seal: (text) => text, open: (text) => text },
    notices: { tell: () => {}, tellIn: async () => {} },
    clock: { now: () => world.now, steady: () => world.now },
    timer: () => () => {},
    chance: (bytes) =>
      createHash('sha256')
        .update(`${(world.drawn += 1)}`)
        .digest()
        .subarray(0, bytes),
    mode: 'enforce',
    limits: {
      holdMs: 10_000,
      outcomeMs: 86_400_000,
      openHolds: 20,
      graceMs: null,
      burst: { count: 1000, windowMs: 1 },
    },
    stopped: () => null,
    look: async () => {},
    policy: () => ({
      set: 'test',
      decide: (question) => ({
        verdict: hold({ rule: 'test', message: 'held' }),
        policies: [],
        set: 'test',
        approvals: 1,
        graceMs,
        needsRecoveryPoint: question.kinds.includes('data'),
      }),
    }),
    environments: () => ({ name: (id) => id, isProtected: () => true }),
    isOrdered: () => false,
    runner: () => runner,
    reread: (_, request) => {
      const name = isObject(request) && request['name'] === 'purge' ? 'purge' : 'drop'
      const parameters =
        isObject(request) && isObject(request['parameters']) ? request['parameters'] : {}
      return [operation(name, parameters)]
    },
    isLifeline: () => false,
    admits: () => null,
    closed: async () => null,
    leased: async (tx, radius) => {
      const leases = await tx.find('lease', {})
      const hit = leases.find((lease) => radius.resources.some(({ id }) => id === lease.point))
      return hit === undefined ? null : { rule: 'lease', message: `${hit.hold} leans on it` }
    },
    lease: async (tx, id, holdId) => {
      await tx.put('lease', { id: `${id}:${holdId}`, point: id, hold: holdId, until: null })
    },
    release: async (tx, id) => {
      for (const row of await tx.find('lease', { hold: id })) await tx.remove('lease', row.id)
    },
    asks: isAsker,
    signers: async () => [{ name: 'ada', enrolledAt: 0 }],
    spent: async (_, { id }) =>
      entries.some(({ kind, subject }) => subject === id && ['intent', 'undone'].includes(kind)),
    revoked: () => false,
    ...more,
  }
  const guard = openGuard(house)
  const approve = async (id: string, digest?: string): Promise<void> => {
    await state.transact(async (tx) => {
      const row = await holdById(tx, id)
      const approval = {
        approver: 'ada',
        factor: 'totp' as const,
        at: world.now,
        digest: digest ?? row.digest,
        shown: '',
        evidence: {},
      }
      await move(house, tx, row, {
        event: 'approve',
        entry: 'approved',
        change: { approvals: [sealApproval(house.seal, id, approval)] },
      })
    })
  }
  return { guard, state, house, entries, approve }
}

const knowing: Inventory = {
  measure: async (_, operations) => ({ operations, kept: false, radius: radiusOf(operations) }),
  measureFresh: async (_, operations) => ({
    operations,
    kept: false,
    radius: radiusOf(operations),
  }),
}

export function worldRunner(world: World): Runner {
  return {
    run: async (clearance, action, request) => {
      if (!clearance.spend(actionDigest(action))) throw new Error('no clearance')
      act(world, action, request)
      return { kind: 'executed', status: 200, summary: 'done', answer: { ok: true } }
    },
    happened: async (action) =>
      world.ran.some(({ digest }) => digest === actionDigest(action)) ? 'yes' : 'no',
  }
}

/** The steps of a runner that saves, after which a process can die. */
export type Dies = 'never' | 'before' | 'leant' | 'after'

/** Takes its way back in the act itself, which is final only after it leant on it. One that dies is not there to be asked. */
export function savingRunner(world: World, dies: Dies = 'never'): Runner {
  const step = (at: Dies): void => {
    if (dies === at) throw new Error('the process is gone')
  }
  return {
    saves: true,
    run: async (clearance, action, request, { needed, lean }) => {
      if (!clearance.spend(actionDigest(action))) throw new Error('no clearance')
      if (needed && !world.points.has('point'))
        return { kind: 'failed', status: 409, summary: 'there is no way back', answer: null }
      step('before')
      const mark = `mark ${(world.drawn += 1)}`
      await lean({ points: needed ? ['point'] : [], mark })
      step('leant')
      act(world, action, request, mark)
      step('after')
      return { kind: 'executed', status: 200, summary: 'done', answer: { ok: true } }
    },
    happened: async (_, mark) => {
      if (dies !== 'never') return 'unknown'
      return mark !== null && world.ran.some((ran) => ran.mark === mark) ? 'yes' : 'no'
    },
  }
}

/** The effect itself, with what it was and when. */
export function act(world: World, action: Action, request: Json, mark: string | null = null): void {
  const [first] = action.operations
  world.ran.push({
    digest: actionDigest(action),
    operation: first?.name ?? '',
    at: world.now,
    request,
    mark,
  })
  if (first?.name === 'drop') world.alive.delete('data')
  else world.points.delete('point')
}

const thing: Resource = {
  target: 't',
  type: 'thing',
  id: 'data',
  name: 'data',
  environment: 'production',
  bytes: 1,
  protects: null,
}
const pointThing: Resource = {
  ...thing,
  type: 'point',
  id: 'point',
  name: 'point',
  protects: thing,
}
const point = {
  id: 'point',
  covers: [thing],
  engine: 'world',
  place: 'elsewhere',
  takenAt: 1,
  verifiedAt: 1,
  grade: 'V3',
  bytes: 1,
  manifest: 'm',
} as const

function radiusOf(operations: readonly Operation[]): typeof noRadius {
  const drops = operations.some(({ name }) => name === 'drop')
  return { ...noRadius, environments: ['production'], resources: [drops ? thing : pointThing] }
}
