/** Runs the owner's restic: without a shell, with an environment made from nothing, and the password where no list of processes shows it. */
import { spawn } from 'node:child_process'
import { access as mayRun, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { kindOfRepository } from './restic-place.ts'
import type { Access } from './restic-place.ts'
import { faultOf } from './restic-say.ts'

export interface Call {
  readonly program: string
  readonly access: Access
  /** Ends it: the time is over. */
  readonly signal: AbortSignal
}

/** INVARIANT (no delete): all that restic is ever told to do; nothing of it takes anything away. */
export type ResticCommand = 'version' | 'backup' | 'snapshots' | 'dump'
export type Arguments = readonly [ResticCommand, ...(readonly string[])]

/** Never from the daemon's own PATH: who can set that would be handed the password. */
const folders = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin']
/** A child that was told to end removes its lock first; over a network that is gone it never would. */
const killMs = 10_000

/** Where restic is. Throws `wrong_state` where it is not installed. */
export async function findRestic(where: readonly string[] = folders): Promise<string> {
  for (const folder of where) {
    const program = join(folder, 'restic')
    const isThere = await mayRun(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  throw new FirebreakError(
    'wrong_state',
    'restic is not installed here, and `vault.sources` names a restic repository',
    'apt install restic',
  )
}

/** What it prints, to the end. Throws as `outputOf` does. */
export async function textOf(args: Arguments, call: Call): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of outputOf(args, call)) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** What it prints, as it comes; ends it where nobody reads on. Throws what went wrong, in one line, once the output is over. */
export async function* outputOf(
  args: Arguments,
  { program, access, signal }: Call,
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, {
    cwd: '/',
    env: environmentOf(access),
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGINT',
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  ended.catch(() => null)
  // What does not run, or has ended already, reads nothing.
  child.stdin.on('error', () => null)
  child.stdin.end(`${access.password.reveal()}\n`)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-100_000)
  })
  try {
    for await (const piece of child.stdout) if (piece instanceof Uint8Array) yield piece
    if ((await ended) !== 0) throw faultOf(said, access)
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    throw new FirebreakError('too_large', 'restic takes longer than the vault lets a copy take')
  } finally {
    child.kill('SIGINT')
    const hard = setTimeout(() => child.kill('SIGKILL'), killMs)
    await ended.catch(() => null)
    clearTimeout(hard)
  }
}

/** INVARIANT (secret-stays): nothing of the daemon's environment, and nothing in the arguments. */
function environmentOf({ repository, credential }: Access): NodeJS.ProcessEnv {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin', LC_ALL: 'C' }
  if (credential === null) return { ...env, RESTIC_REPOSITORY: repository }
  const [user = '', secret = '', session] = credential.reveal().split(':')
  if (kindOfRepository(repository) !== 's3')
    return { ...env, RESTIC_REPOSITORY: withUser(repository, credential.reveal()) }
  return {
    ...env,
    RESTIC_REPOSITORY: repository,
    AWS_ACCESS_KEY_ID: user,
    AWS_SECRET_ACCESS_KEY: secret,
    ...(session === undefined ? {} : { AWS_SESSION_TOKEN: session }),
  }
}

/** restic 0.14 takes the user of a REST server in the address alone. */
function withUser(repository: string, credential: string): string {
  const at = credential.indexOf(':')
  const [user, secret] = [credential.slice(0, at), credential.slice(at + 1)]
  return repository.replace(
    '://',
    () => `://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@`,
  )
}
