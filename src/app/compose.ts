/** The one place where ports meet what fills them. */
import { join } from 'node:path'
import { isAsker } from '../approvals/approve.ts'
import { closedFinding } from '../approvals/closed.ts'
import { openPasskeys } from '../approvals/passkey-factor.ts'
import { signers } from '../approvals/signers.ts'
import { openStatements } from '../approvals/statements.ts'
import type { Statements } from '../approvals/statements.ts'
import { openTotp } from '../approvals/totp-factor.ts'
import type { Factors } from '../approvals/factor.ts'
import { onward } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { Finding } from '../core/verdict.ts'
import { openSeal } from '../custody/seal.ts'
import type { OpenSeal } from '../custody/seal.ts'
import { openRequest } from '../gateways/http/stored.ts'
import { admits } from '../grants/admits.ts'
import { openGuard } from '../guard/guard.ts'
import type { OpenGuard } from '../guard/guard.ts'
import type { Mover } from '../guard/hold.ts'
import type { House } from '../guard/house.ts'
import type { Ledger, Notices, Runner, State, Tx } from '../guard/ports.ts'
import { openInventory } from '../inventory/inventory.ts'
import type { InventoryTarget } from '../inventory/inventory.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openSigner } from '../ledger/note.ts'
import { isWritten } from '../ledger/seek.ts'
import type { Signer } from '../ledger/note.ts'
import type { Channel } from '../notices/channel.ts'
import { openNotices } from '../notices/notices.ts'
import { openSqlite } from '../store/sqlite.ts'
import { openLeases } from '../vault/lease.ts'
import type { Restic } from '../vault/restic-point.ts'
import type { OpenVault } from '../vault/vault.ts'
import type { Config } from './config.ts'
import { openCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { openDatabases } from './databases.ts'
import type { Database } from './databases.ts'
import { environmentsOf } from './environments.ts'
import { openGrants } from './grants.ts'
import { openMcps } from './mcp.ts'
import type { OpenMcp } from './mcp.ts'
import type { Grants } from './grants.ts'
import { openLook } from './judged.ts'
import { loadPolicy } from './policies.ts'
import type { OpenPolicy } from '../policy/decide.ts'
import { openChannels, planOf, wordsOf } from './notify.ts'
import { openHeads, seenHead } from './head.ts'
import type { Heads } from './head.ts'
import { openMarks } from './marks.ts'
import type { OpenMarks } from './marks.ts'
import { openConfiguredOffsite } from './offsite.ts'
import type { OpenedOffsite } from './offsite.ts'
import { openConfiguredRestic } from './restic.ts'
import { linksOf, noting, openConfiguredVault } from './recovery.ts'
import { openProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { openRoom } from './retention.ts'
import type { Room } from './retention.ts'
import { runnerOf } from './runner.ts'
import { openSent } from './sent.ts'
import { orThrow, serversOf } from './servers.ts'
import { timeSince } from './since.ts'
import type { Sent } from './sent.ts'
import { byItself } from './by-itself.ts'
import { openHookHolds } from './hook-holds.ts'
import type { HookHolds } from './hook-holds.ts'
import { coveringPushes } from './push-cover.ts'
import { openTargets } from './targets.ts'
import type { OpenTarget } from './targets.ts'
import { openConfiguredBox } from './vault-box.ts'
import { readKey, realChance, realTimer } from './world.ts'

/** Everything a running Firebreak has. */
export interface Firebreak extends HookHolds {
  readonly config: Config
  readonly clock: Clock
  readonly state: State
  readonly seal: OpenSeal
  readonly signer: Signer
  /** What proves a person. */
  readonly factors: { readonly totp: Factors['totp']; readonly passkey: Factors['passkey'] }
  /** What waits for a passkey's signature. */
  readonly statements: Statements
  readonly ledger: Ledger
  readonly policy: OpenPolicy
  readonly grants: Grants
  readonly guard: OpenGuard
  /** What it takes to move a hold on. */
  readonly mover: Mover
  readonly vault: OpenVault
  /** Opens the repositories of its sources. */
  readonly restic: Restic
  /** The second place of its points; null where none is configured. */
  readonly offsite: OpenedOffsite | null
  /** Marks before acts, from whoever receives WAL when that runs. */
  readonly marks: OpenMarks
  /** Wraps the vault's keys to its owners, once a person has accepted who they are. Never throws. */
  readonly letOwnersIn: () => Promise<void>
  /** What the vault's spools are sealed under. */
  readonly vaultKey: Uint8Array
  /** How full the vault is; null where there is none. */
  readonly room: Room | null
  /** Writes a recovery point down in the ledger. */
  readonly notePoint: ReturnType<typeof noting>
  readonly notices: Notices
  /** The ways to people, by name. */
  readonly channels: ReadonlyMap<string, Channel>
  /** How far backups, drills and restores are: by the target, or by the point. */
  readonly progress: Progress
  readonly targets: ReadonlyMap<string, OpenTarget>
  readonly databases: ReadonlyMap<string, Database>
  readonly mcps: ReadonlyMap<string, OpenMcp>
  readonly credential: Credentials
  readonly sent: Sent
  readonly heads: Heads
  /** Says why nothing may run; null lets it run. */
  readonly stop: (why: Finding | null) => void
  readonly isStopped: () => Finding | null
  /** Looks whether another hand has written what the ledger does not say, and stops what then may not run. */
  readonly look: (tx: Tx) => Promise<void>
}

export async function compose(
  config: Config,
  log: (line: string) => void,
  real: Clock,
): Promise<Firebreak> {
  const policy = await loadPolicy(config.policies ?? null)
  const seal = openSeal(readKey(config))
  const signer = openSigner('firebreak', seal.derive('ledger'))
  // What was seen before is not made anew behind a person's back, and its time does not come again.
  const known = seenHead(config, signer.verifier) !== null
  const state = openSqlite(join(config.state, 'state.db'), known)
  const clock = onward(real, known ? await timeSince(state, real.now()) : 0)
  const ledger = openLedger(signer)
  const grants = openGrants(state, seal.derive('grants'), clock)
  const credential = openCredentials(state, seal)
  const targets = openTargets(config, credential.of)
  const databases = openDatabases(config, {
    credential: credential.of,
    chance: realChance,
    timer: realTimer,
  })
  const channels = openChannels(config, credential, { state, seal, clock })
  const notices = openNotices({
    state,
    clock,
    chance: realChance,
    log,
    seal,
    plan: planOf(config),
    words: wordsOf(config),
  })
  const mcps = await openMcps(config, { state, seal, credential, notices })
  const hooks = await openHookHolds(config, { state, seal, ledger, clock })
  const { shells, passes } = hooks
  const inventory = openInventory({
    targets: new Map<string, InventoryTarget>([
      ...targets,
      ...[...databases].map(([name, { survey }]) => [name, byItself(survey)] as const),
      ...[...mcps, ...shells].map(([name, { survey }]) => [name, byItself(survey)] as const),
    ]),
    clock,
    deadline: (ms) => AbortSignal.timeout(ms),
    links: linksOf(config),
    deadlineMs: 3000,
    freshMs: 5000,
    mostAsks: 60,
  })
  const progress = openProgress(clock)
  const kept = await openConfiguredBox(config, { seal, clock })
  const box = kept?.box ?? null
  const offsite = await openConfiguredOffsite(config, { state, clock, credential, box })
  const marks = openMarks(config)
  const room =
    box === null
      ? null
      : openRoom({ place: box.store.place, quota: config.vault?.quota ?? null, clock, notices })
  const restic = openConfiguredRestic(config, credential)
  const vault = openConfiguredVault(config, {
    restic,
    marks,
    box,
    room,
    offsite,
    state,
    ledger,
    clock,
    databases: {
      has: (target) => databases.has(target),
      open: async (target) => await orThrow(databases.get(target), target).connect(),
    },
    servers: serversOf(config, databases),
    progress: (thing, bytes) => progress.heard(thing, bytes),
  })
  const leases = openLeases(clock)
  const { hold: holdMs, outcome: outcomeMs, openHolds, burst } = config.limits
  const sent = openSent(state, clock)
  let stopped: Finding | null = null
  const runners = new Map([
    ...[...targets].map(([name, open]): readonly [string, Runner] => [
      name,
      runnerOf(open, { credential: credential.of, sent: (id) => sent.note(name, id) }),
    ]),
    ...[...databases].map(([name, { runner }]) => [name, runner(vault)] as const),
    ...[...mcps].map(([name, { runner }]) => [name, runner] as const),
    ...[...shells.keys()].map((name) => [name, passes.runner] as const),
  ])
  const lifeline = new Set(config.lifeline)
  const environments = new Map(
    Object.keys(config.targets).map((name) => [name, environmentsOf(config, name)]),
  )

  const now = (): number => clock.now()
  const look = openLook(() => firebreak)
  const house: House = {
    state,
    ledger,
    inventory,
    vault: coveringPushes(vault, (target) => shells.has(target)),
    seal,
    notices,
    clock,
    timer: realTimer,
    chance: realChance,
    mode: config.mode,
    limits: {
      holdMs,
      outcomeMs,
      openHolds,
      graceMs: config.grace ?? null,
      burst: { count: burst.count, windowMs: burst.window },
    },
    stopped: () => stopped,
    look,
    policy: () => policy,
    environments: (target) => environments.get(target) ?? environmentsOf(config, target),
    isOrdered: (target) => databases.has(target),
    runner: (target) => orThrow(runners.get(target), target),
    reread: (target, request) => {
      const other = databases.get(target) ?? mcps.get(target) ?? shells.get(target)
      if (other !== undefined) return other.reread(request)
      const arrived = openRequest(request)
      if (arrived === null)
        throw new FirebreakError('broken_store', 'what is stored is not a request')
      return orThrow(targets.get(target), target).target.read(arrived)
    },
    isLifeline: (key) => lifeline.size > 0 && lifeline.has(key),
    admits,
    closed: (tx, action, radius) => closedFinding(tx, action, radius, now()),
    leased: (tx, radius) => leases.finding(tx, radius),
    lease: (tx, point, hold) => leases.lease(tx, point, hold),
    release: (tx, hold) => leases.release(tx, hold, now()),
    asks: isAsker,
    signers: (tx) => signers(seal, tx),
    spent: (tx, { id, entry }) => isWritten(tx.log, { kinds: ending, subject: id }, entry),
    revoked: grants.revoked,
  }
  const statements = openStatements(now, realChance)
  const proving = { seal, now, statements }
  const firebreak: Firebreak = {
    config,
    clock,
    state,
    seal,
    factors: { totp: openTotp(proving), passkey: openPasskeys(proving) },
    statements,
    signer,
    ledger,
    policy,
    grants,
    guard: openGuard(house),
    mover: house,
    vault,
    restic,
    offsite,
    letOwnersIn: async () => {
      try {
        for (const line of (await kept?.letOwnersIn()) ?? [])
          notices.tell('vault-key', line, 'vault')
      } catch (thrown) {
        // The vault goes on under the keys that it has; the next start tries again.
        const why = messageOf(thrown)
        notices.tell('vault-key', `the vault's keys are not wrapped to its owners: ${why}`, 'vault')
      }
    },
    marks,
    room,
    vaultKey: seal.derive('vault'),
    notePoint: noting(ledger),
    notices,
    channels,
    progress,
    targets,
    databases,
    mcps,
    ...hooks,
    credential,
    sent,
    heads: openHeads(config, state, signer.verifier),
    stop: (why) => {
      stopped = why
    },
    isStopped: () => stopped,
    look,
  }
  return firebreak
}

/** What is written down once in a hold's life, and after which it may not start. */
const ending = ['intent', 'undone', 'rejected', 'expired', 'denied'] as const
