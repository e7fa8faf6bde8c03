/** The daemon: one lock, the gateway, the control socket, the clock that moves holds on, and a graceful end. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import { toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { openRedactors } from '../custody/redact.ts'
import { openHttpGateway } from '../gateways/http/gateway.ts'
import { stopIfChanged } from './accepted.ts'
import { addressOf } from './address.ts'
import { watchBypass } from './bypass.ts'
import { compose } from './compose.ts'
import type { Firebreak } from './compose.ts'
import type { Config } from './config.ts'
import { sessionCommands, sessionsOf, startConsole } from './console/console.ts'
import type { Sessions } from './console/sessions.ts'
import type { ControlCommand } from './control/command.ts'
import { decisionCommands } from './control/decisions.ts'
import { grantCommands } from './control/grants.ts'
import { holdCommands } from './control/holds.ts'
import { ledgerCommands } from './control/ledger.ts'
import { loginCommands } from './control/logins.ts'
import { mapCommands } from './control/map.ts'
import { delegationCommands } from './control/delegations.ts'
import { passkeyCommands } from './control/passkeys.ts'
import { peopleCommands } from './control/people.ts'
import { policyCommands } from './control/policy.ts'
import { powerCommands } from './control/power.ts'
import { rotationCommands } from './control/rotation.ts'
import { setupCommands } from './control/setup.ts'
import { statementCommand } from './control/statement.ts'
import { toldCommands } from './control/told.ts'
import { vaultCommands } from './control/vault.ts'
import { mountsOf } from './mounts.ts'
import { ownFolder } from './folder.ts'
import { lock } from './lock.ts'
import { keepLogins } from './oauth/keep.ts'
import { resourcesOf } from './oauth/resources.ts'
import { keepTelling } from './telling.ts'
import { keepOffsite } from './offsite-rounds.ts'
import { startPhysical } from './physical.ts'
import type { Physicals } from './physical.ts'
import { keepTails } from './tails.ts'
import type { Tails } from './tails.ts'
import { startPostgres } from './postgres.ts'
import { watchRaw } from './raw/watch.ts'
import { resticTrouble } from './restic.ts'
import { settleRotations } from './rotate/settling.ts'
import { watchRoom } from './retention-watch.ts'
import { keepBackups } from './schedule.ts'
import { hookSelf } from './hook-asked.ts'
import { hookWorld } from './hook-world.ts'
import { listenControl } from './socket.ts'
import { holdToHead, startClock } from './ticks.ts'
import { watchStrangers } from './strangers.ts'
import { version } from './version.ts'
import { realClock } from './world.ts'

export interface Running {
  readonly firebreak: Firebreak
  /** `http://127.0.0.1:7077`: agents put the target's name behind it. */
  readonly url: string
  /** `127.0.0.1:6432`, where Postgres clients come in; null where no target is a database. */
  readonly postgres: string | null
  /** What people may do, by name. */
  readonly commands: ReadonlyMap<string, ControlCommand>
  /** `http://localhost:7078`, where people come in; null where the config names none. */
  readonly console: string | null
  readonly stop: () => Promise<void>
}

interface Answering {
  readonly firebreak: Firebreak
  readonly commands: ReadonlyMap<string, ControlCommand>
}

const drainMs = 10_000

/** Starts; throws `port_in_use`, `bad_config`, `broken_store` or what else keeps it from being safe. */
export async function serve(
  config: Config,
  log: (line: string) => void,
  clock: Clock = realClock,
): Promise<Running> {
  ownFolder(config.state)
  const unlock = lock(join(config.state, 'lock.db'))
  // What a start that fails halfway must let go of, or the process would stay and listen, half a Firebreak.
  const opened: (() => unknown)[] = [unlock]
  try {
    const firebreak = await compose(config, log, clock)
    opened.push(() => firebreak.state.close())
    await firebreak.grants.load()
    const trouble = await resticTrouble(config)
    if (trouble !== null) log(trouble)
    for (const change of await stopIfChanged(firebreak)) log(`changed, not accepted: ${change}`)
    const stopSettling = await settleRotations(firebreak, log)
    opened.push(stopSettling)
    await firebreak.guard.start()
    const gateway = openHttpGateway({
      guard: firebreak.guard,
      targets: firebreak.targets,
      authenticate: firebreak.grants.authenticate,
      credential: firebreak.credential.of,
      redactor: openRedactors(),
      sent: firebreak.sent.note,
      // All others wait meanwhile.
      hook: (principal) =>
        hookWorld(1000, async (question) => await hookSelf(firebreak, principal, toJson(question))),
      mounts: mountsOf(firebreak),
      resources: resourcesOf(config),
      limits: {
        bodyBytes: config.limits.bodyBytes,
        headMs: 15_000,
        requestMs: 60_000,
        // Shorter than what an approved act waits for its turn.
        queueMs: 20_000,
        idleMs: 60_000,
        concurrent: 2000,
        connections: 4000,
      },
    })
    const url = await listen(gateway.server, config.listen)
    opened.push(() => gateway.server.close())
    const postgres = await startPostgres(firebreak)
    opened.push(() => void postgres?.close(0))
    const physicals = startPhysical(firebreak)
    firebreak.marks.from(physicals)
    opened.push(() => void physicals.stop())
    const tails = keepTails(firebreak, physicals)
    opened.push(() => void tails.stop())
    const sessions = sessionsOf(firebreak)
    const commands = commandsOf({ physicals, tails, sessions })
    const page = await startConsole(
      firebreak,
      { sessions, commands, gateway: url },
      { log, listen },
    )
    opened.push(() => page?.close())
    const answering = { firebreak, commands }
    const control = await listenControl(
      join(config.state, 'control.sock'),
      async (name, input) => await answer(answering, name, input),
    )
    opened.push(() => control.close())
    await note(firebreak, 'started', {
      version: version(),
      mode: config.mode,
      policySet: firebreak.policy.set,
    })
    await holdToHead(firebreak)
    const cut = (): void => {
      gateway.cut()
      postgres?.cut()
    }
    const stopClock = startClock(firebreak, cut, log)
    const stopWatch = watchBypass(firebreak, log)
    const stopStrangers = watchStrangers(firebreak, log)
    const stopRaw = watchRaw(firebreak, log)
    const stopBackups = keepBackups(firebreak, physicals)
    const stopOffsite = keepOffsite(firebreak)
    const stopRoom = watchRoom(firebreak, log)
    const stopTelling = keepTelling(firebreak, log)
    const stopLogins = keepLogins(firebreak, log)
    const stop = async (): Promise<void> => {
      stopClock()
      stopWatch()
      stopStrangers()
      stopRaw()
      stopBackups()
      stopRoom()
      stopTelling()
      stopLogins()
      stopSettling()
      page?.close()
      await Promise.all([stopOffsite(), tails.stop()])
      await physicals.stop()
      const time = new Promise<void>((resolve) => setTimeout(resolve, drainMs).unref())
      await Promise.all([gateway.drain(time), postgres?.close(drainMs)])
      await new Promise<void>((resolve) => control.close(() => resolve()))
      await firebreak.guard.flush()
      await firebreak.sent.flush()
      await note(firebreak, 'stopped', {})
      await holdToHead(firebreak)
      await Promise.all(
        [...firebreak.targets.values()].flatMap(({ upstream, own }) => [
          upstream.close(),
          own.close(),
        ]),
      )
      await Promise.all([...firebreak.databases.values()].map(({ close }) => close()))
      await Promise.all([...firebreak.mcps.values()].map(({ way }) => way.close()))
      firebreak.state.close()
      unlock()
    }
    return {
      firebreak,
      url,
      commands,
      console: page?.url ?? null,
      postgres: postgres?.where ?? null,
      stop,
    }
  } catch (thrown) {
    for (const close of opened.toReversed()) close()
    throw thrown
  }
}

interface Rounds {
  readonly physicals: Physicals
  readonly tails: Tails
  readonly sessions: Sessions
}

/** All control commands by name. */
function commandsOf({ physicals, tails, sessions }: Rounds): ReadonlyMap<string, ControlCommand> {
  const commands = new Map(
    Object.entries({
      ...people,
      ...delegationCommands,
      ...passkeyCommands,
      ...powerCommands,
      ...rotationCommands,
      ...setupCommands,
      ...grantCommands,
      ...loginCommands(),
      ...holdCommands,
      ...toldCommands,
      ...ledgerCommands,
      ...policyCommands,
      ...mapCommands,
      ...decisionCommands,
      ...vaultCommands(physicals, tails),
      ...sessionCommands(sessions),
    }),
  )
  return new Map([...commands, ...Object.entries(statementCommand(commands))])
}
const people = peopleCommands()

async function answer(
  { firebreak, commands }: Answering,
  name: string,
  input: JsonObject,
): ReturnType<ControlCommand['run']> {
  const command = commands.get(name)
  if (command === undefined)
    throw new FirebreakError('bad_input', `there is no control command \`${name}\``)
  return await command.run(firebreak, input)
}

async function listen(server: Server, where: string): Promise<string> {
  const { host, port } = addressOf(where)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new FirebreakError(
          'port_in_use',
          `cannot listen on \`${where}\`: ${messageOf(cause)}`,
          'name another `listen:`',
          cause,
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  const address: AddressInfo | string | null = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return `http://${host}:${actual}`
}

async function note(
  firebreak: Firebreak,
  kind: 'started' | 'stopped',
  body: JsonObject,
): Promise<void> {
  const entry = { kind, at: firebreak.clock.now(), subject: null, principal: null, body }
  await firebreak.state.transact((tx) => firebreak.ledger.append(tx, [entry]))
}
