/** A server's process: lines in, lines out. It has the environment that it is given and nothing of ours. */
import { spawn } from 'node:child_process'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'

export interface Started {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | null
}

export interface Process {
  readonly write: (message: JsonObject) => void
  /** Ends it: its input first, then by a signal where it stays. */
  readonly end: () => void
}

export interface Ears {
  readonly message: (message: JsonObject) => void
  /** Once, with one line of why. */
  readonly ended: (why: string) => void
}

/** A line that is longer ends the process: nobody can look at it. In bytes. */
const longestLine = 16_000_000
const graceMs = 2000

export function startProcess({ command, env, cwd }: Started, ears: Ears): Process {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    env,
    ...(cwd === null ? {} : { cwd }),
    // What it logs may hold secrets, and nobody asked for it.
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  let isOver = false
  const over = (why: string): void => {
    if (isOver) return
    isOver = true
    ears.ended(why)
  }
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    // Its group: a server that is started by `npx` is a child of that.
    if (child.exitCode === null && child.signalCode === null) kill(child.pid, name)
  }
  const end = (): void => {
    child.stdin.end()
    const soft = setTimeout(() => signal('SIGTERM'), graceMs / 2)
    const hard = setTimeout(() => signal('SIGKILL'), graceMs)
    child.once('exit', () => {
      clearTimeout(soft)
      clearTimeout(hard)
    })
  }
  child.on('error', ({ message }) => over(`it cannot be started: ${message}`))
  child.on('exit', (code) => {
    over(`it ended${code === null ? '' : ` with ${code}`}`)
    // What it has started does not outlive it.
    kill(child.pid, 'SIGKILL')
  })
  child.stdin.on('error', () => {
    over('it takes nothing any more')
    signal('SIGKILL')
  })
  listen(child.stdout, ears, () => {
    over('it says more at once than can be looked at')
    signal('SIGKILL')
  })
  return {
    write: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    end,
  }
}

/** The whole group; nothing where all of it has gone. */
function kill(group: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (group !== undefined) process.kill(-group, name)
  } catch {
    // It has gone by itself.
  }
}

function listen(out: NodeJS.ReadableStream, ears: Ears, tooLong: () => void): void {
  const decoder = new TextDecoder()
  let parts: string[] = []
  let length = 0
  out.on('data', (chunk: Buffer) => {
    // A long line comes in many pieces: only what is new is looked at.
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n')
    parts.push(first)
    length += first.length
    if (length > longestLine) tooLong()
    const last = more.pop()
    if (last === undefined) return
    const lines = [parts.join(''), ...more]
    parts = [last]
    length = last.length
    for (const line of lines) {
      const message = parsed(line)
      // What is no message is a log that went astray.
      if (message !== null) ears.message(message)
    }
  })
}

function parsed(line: string): JsonObject | null {
  try {
    const value = parseJson(line)
    return isObject(value) ? value : null
  } catch {
    // No JSON, no message.
    return null
  }
}
