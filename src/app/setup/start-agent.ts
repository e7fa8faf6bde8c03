/** Starts an agent as a child: the terminal is its own, and how it ends is how we end. */
import { spawn } from 'node:child_process'
import { FirebreakError, messageOf } from '../../base/error.ts'

/** Its exit code; 128 and the signal's number where one ended it. Throws `not_found` for a program that is not there. */
export async function startAgent(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...env }, stdio: 'inherit' })
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
    // The terminal tells Ctrl-C to both; what is sent to us alone is passed on.
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', ignore)
    const over = (): void =>
      void process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', ignore)
    child.once('error', (thrown) => {
      over()
      reject(
        new FirebreakError(
          'not_found',
          `\`${program}\` cannot be started: ${messageOf(thrown)}`,
          'name the agent’s program behind `--`',
          thrown,
        ),
      )
    })
    child.once('exit', (code, signal) => {
      over()
      resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15))
    })
  })
}

function ignore(): void {
  // The child decides what an interrupt means to it.
}
