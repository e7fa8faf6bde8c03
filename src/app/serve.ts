/** The daemon: one lock, the gateway, the control socket, the clock that moves holds on, and a graceful end. */
import { mkdirSync, statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import { openRedactors } from '../custody/redact.ts'
import { openHttpGateway } from '../gateways/http/gateway.ts'
import { stopIfChanged } from './accepted.ts'
import { watchBypass } from './bypass.ts'
import { compose } from './compose.ts'
import type { Firebreak } from './compose.ts'
import type { Config } from './config.ts'
import { holdCommands } from './control/holds.ts'
import { peopleCommands } from './control/people.ts'
import { powerCommands } from './control/power.ts'
import { listenControl } from './socket.ts'
import { version } from './version.ts'
import { realClock } from './world.ts'

export interface Running {
  readonly firebreak: Firebreak
  /** `http://127.0.0.1:7077`: agents put the target's name behind it. */
  readonly url: string
  readonly stop: () => Promise<void>
}

const tickMs = 250
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
    for (const change of await stopIfChanged(firebreak)) log(`changed, not accepted: ${change}`)
    await firebreak.guard.start()
    const gateway = openHttpGateway({
      guard: firebreak.guard,
      targets: firebreak.targets,
      authenticate: firebreak.grants.authenticate,
      credential: firebreak.credential.of,
      redactor: openRedactors(),
      sent: firebreak.sent.note,
      limits: {
        bodyBytes: config.limits.bodyBytes,
        headMs: 15_000,
        requestMs: 60_000,
        concurrent: 2000,
        connections: 4000,
      },
    })
    const url = await listen(gateway.server, config.listen)
    opened.push(() => gateway.server.close())
    const control = await listenControl(
      join(config.state, 'control.sock'),
      async (name, input) => await answer(firebreak, name, input),
    )
    opened.push(() => control.close())
    await note(firebreak, 'started', {
      version: version(),
      mode: config.mode,
      policySet: firebreak.policy.set,
    })
    const stopClock = startClock(firebreak, log)
    const stopWatch = watchBypass(firebreak, log)
    const stop = async (): Promise<void> => {
      stopClock()
      stopWatch()
      await gateway.drain(new Promise((resolve) => setTimeout(resolve, drainMs).unref()))
      await new Promise<void>((resolve) => control.close(() => resolve()))
      await firebreak.guard.flush()
      await firebreak.sent.flush()
      await note(firebreak, 'stopped', {})
      await firebreak.anchor()
      await Promise.all([...firebreak.targets.values()].map(({ upstream }) => upstream.close()))
      firebreak.state.close()
      unlock()
    }
    return { firebreak, url, stop }
  } catch (thrown) {
    for (const close of opened.toReversed()) close()
    throw thrown
  }
}

/** All control commands by name. */
const people = peopleCommands()
const commands = new Map(Object.entries({ ...people, ...powerCommands, ...holdCommands }))

async function answer(
  firebreak: Firebreak,
  name: string,
  input: JsonObject,
): ReturnType<(typeof powerCommands)[string]['run']> {
  const command = commands.get(name)
  if (command === undefined)
    throw new FirebreakError('bad_input', `there is no control command \`${name}\``)
  return await command.run(firebreak, input)
}

/** INVARIANT (broken-is-closed): whoever may write here could put another state in the place of this one. */
function ownFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if ((statSync(folder).mode & 0o022) !== 0)
    throw new FirebreakError(
      'bad_config',
      `others than its owner can write in the state folder \`${folder}\``,
      `chmod 700 ${folder}`,
    )
}

/** One daemon a state folder: the lock is SQLite's own, so it ends with the process, however that ends. */
function lock(file: string): () => void {
  const db = new DatabaseSync(file)
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return () => db.close()
  } catch (cause) {
    db.close()
    if (!isBusy(cause))
      throw new FirebreakError(
        'broken_store',
        `the lock \`${file}\` cannot be taken: ${messageOf(cause)}`,
        'nothing is kept in it: where no Firebreak runs on this state folder, take it away',
        cause,
      )
    throw new FirebreakError(
      'wrong_state',
      'a Firebreak runs on this state folder already',
      'stop it first, or name another `state:`',
      cause,
    )
  }
}

/** SQLITE_BUSY: somebody has it. */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === 5
}

async function listen(server: Server, where: string): Promise<string> {
  const [host = '127.0.0.1', port = '0'] = where.split(':')
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
    server.listen(Number(port), host, resolve)
  })
  const address: AddressInfo | string | null = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : Number(port)
  return `http://${host}:${actual}`
}

/** Moves holds on, and looks whether another process has halted or revoked: within a second, whatever else happens. */
function startClock(firebreak: Firebreak, log: (line: string) => void): () => void {
  let seen = firebreak.state.version()
  let busy = false
  const round = async (): Promise<void> => {
    const now = firebreak.state.version()
    if (now !== seen) {
      seen = now
      await firebreak.guard.halts.load()
      await firebreak.grants.load()
      firebreak.credential.forget()
    }
    await firebreak.sent.flush()
    if (busy) return
    busy = true
    try {
      await firebreak.guard.deferral.tick()
      await firebreak.anchor()
    } finally {
      busy = false
    }
  }
  // What goes on for hours is said once.
  let said = ''
  const say = (line: string): void => {
    if (line !== '' && line !== said) log(`clock: ${line}`)
    said = line
  }
  const timer = setInterval(() => {
    round().then(
      () => say(''),
      (thrown: unknown) => say(messageOf(thrown)),
    )
  }, tickMs)
  return () => clearInterval(timer)
}

async function note(
  firebreak: Firebreak,
  kind: 'started' | 'stopped',
  body: JsonObject,
): Promise<void> {
  const entry = { kind, at: firebreak.clock.now(), subject: null, principal: null, body }
  await firebreak.state.transact((tx) => firebreak.ledger.append(tx, [entry]))
}
