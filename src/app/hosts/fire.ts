/** A hook's process, as a host starts it: a payload on stdin, and what came back. */
import { spawn } from 'node:child_process'

export interface Start {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

export interface Came {
  readonly stdout: string
  readonly stderr: string
  /** Null where it could not be started, or was ended for being late. */
  readonly exit: number | null
  readonly ms: number
  /** Why it has no exit code of its own. */
  readonly fault: string | null
}

/** More is said by no hook. */
const mostBytes = 1024 * 1024

/** Never throws. What is late is ended with all that it has started. */
export async function fire(
  { program, args, cwd, env, stdin }: Start,
  waitMs: number,
): Promise<Came> {
  const nul = [program, ...args, cwd].find((word) => word.includes('\0'))
  if (nul !== undefined)
    return { stdout: '', stderr: '', exit: null, ms: 0, fault: 'a word of it has a NUL' }
  const began = performance.now()
  const out: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  const { promise, resolve } = Promise.withResolvers<Pick<Came, 'exit' | 'fault'>>()
  const child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true })
  const end = (fault: string): void => {
    resolve({ exit: null, fault })
    if (child.pid === undefined || child.exitCode !== null) return
    try {
      // Its group: a shell that is ended leaves what it waits for.
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has gone by itself.
    }
  }
  const late = setTimeout(() => end(`no answer within ${waitMs / 1000} s`), waitMs)
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (part: Buffer) => {
      out[name].push(part)
      if (out[name].reduce((size, { length }) => size + length, 0) > mostBytes)
        end('it said more than any host reads')
    })
  child.stdin.on('error', () => null)
  child.on('error', ({ message }) => end(`it cannot be started: ${message}`))
  child.on('close', (exit, signal) =>
    resolve({ exit, fault: exit === null ? `it was ended by ${signal}` : null }),
  )
  child.stdin.end(stdin)
  const ended = await promise
  clearTimeout(late)
  const [stdout, stderr] = [out.stdout, out.stderr].map((parts) => Buffer.concat(parts).toString())
  return { ...ended, stdout: stdout ?? '', stderr: stderr ?? '', ms: performance.now() - began }
}
