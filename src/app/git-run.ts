/** Runs git, without a shell, in a repository of whoever calls: in the hook of an agent, or at a person's terminal. Never in the daemon. */
import { execFile } from 'node:child_process'
import { FirebreakError } from '../base/error.ts'
import { variables } from './environment.ts'

export interface GitCall {
  readonly cwd: string
  /** Ends it after that. */
  readonly mostMs: number
  readonly mostBytes?: number
  /** What it reads from its standard input. */
  readonly input?: string
}

export interface GitSaid {
  readonly ok: boolean
  readonly out: Buffer
  /** True where it had more to say than is read. */
  readonly isLong: boolean
  /** The last line that it says of what went wrong. */
  readonly why: string
}

/** Nobody is there to be asked for a password. */
const quiet = { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }

export function tryGit(args: readonly string[], call: GitCall): Promise<GitSaid> {
  const { cwd, mostMs, mostBytes = 8 * 1024 * 1024, input = '' } = call
  return new Promise((resolve) => {
    const options = {
      cwd,
      env: { ...variables(), ...quiet },
      timeout: Math.max(1, mostMs),
      maxBuffer: mostBytes,
      encoding: 'buffer',
    } as const
    const child = execFile('git', args, options, (fault, out, said) => {
      const lines = said.toString('utf8').split('\n')
      const last = lines.findLast((line) => line.trim() !== '')?.trim()
      const isLong = fault !== null && fault.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
      const isLate = !isLong && fault?.killed === true
      const why = isLate
        ? `\`git ${args[0] ?? ''}\` takes too long`
        : (last ?? fault?.message ?? '')
      resolve({ ok: fault === null, out, isLong, why })
    })
    // A program that ends before it has read all says so by its code.
    child.stdin?.on('error', () => null).end(input)
  })
}

/** What it prints. Throws, in one line, where it fails. */
export async function git(args: readonly string[], call: GitCall): Promise<string> {
  const { ok, out, why } = await tryGit(args, call)
  if (!ok) throw new FirebreakError('wrong_state', `git says: ${why}`)
  return out.toString('utf8')
}
