/** Starts an agent in the place of this process, so that nobody's parent keeps in `/proc` what the agent shall not have. */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { FirebreakError, messageOf } from '../../base/error.ts'

type Env = Readonly<Record<string, string>>

/** Does not come back where the system can replace a process; else gives its exit code. Throws `not_found` for a program that is not there. */
export async function startAgent(
  [program = '', ...args]: readonly string[],
  env: Env,
): Promise<number> {
  if (process.execve === undefined) return await asChild(program, args, env)
  const file = programFile(program, env)
  if (file === null) throw notThere(program, 'there is no such program')
  return process.execve(file, [program, ...args], env)
}

/** Where a system looks for a program; null where it finds none. */
export function programFile(program: string, env: Env): string | null {
  if (program.includes('/')) return isProgram(program) ? resolve(program) : null
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => resolve(join(folder, program))).find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not to be run: the next folder is looked at.
    return false
  }
}

/** The terminal is its own; 128 and the signal's number where one ended it. */
async function asChild(program: string, args: readonly string[], env: Env): Promise<number> {
  return await new Promise((settle, reject) => {
    const child = spawn(program, args, { env: { ...env }, stdio: 'inherit' })
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
    // The terminal tells Ctrl-C to both; what is sent to us alone is passed on.
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', ignore)
    const over = (): void =>
      void process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', ignore)
    child.once('error', (thrown) => {
      over()
      reject(notThere(program, messageOf(thrown), thrown))
    })
    child.once('exit', (code, signal) => {
      over()
      settle(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15))
    })
  })
}

function notThere(program: string, why: string, cause?: unknown): FirebreakError {
  return new FirebreakError(
    'not_found',
    `\`${program}\` cannot be started: ${why}`,
    'name the agent’s program behind `--`',
    cause,
  )
}

function ignore(): void {
  // The child decides what an interrupt means to it.
}
