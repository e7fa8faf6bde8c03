/** One call of a hook as a process: a payload on stdin, an answer on stdout, within a time that every host still waits for. */
import { read, writeSync } from 'node:fs'
import { messageOf } from '../base/error.ts'
import { answer, refuse } from '../gateways/hook/answer.ts'
import { dialects } from '../gateways/hook/dialects.ts'
import type { Reply } from '../gateways/hook/reply.ts'
import { isForced } from '../gateways/hook/question.ts'
import type { HookWorld } from '../gateways/hook/judge.ts'
import { environment } from './environment.ts'
import { hookWorld } from './hook-world.ts'

/** Below the shortest time-out that is set or recommended for a host (10 s); most let a call run that was not answered. */
const deadlineMs = 5000
/** A remote is asked over the network before a push; still below what hosts wait. */
const savingMs = 7500
/** One thing of git's. */
const gitMs = 5000
/** One call, with the content of a file that it would write. */
const mostBytes = 32 * 1024 * 1024

/** Answers and gives the exit code; the process must end then, whatever still waits. Total: whatever goes wrong is a no, in the host's form or by the code that most take for one. */
export async function runHook(name: string): Promise<number> {
  const dialect = dialects.get(name)
  if (dialect === undefined) {
    const known = [...dialects.keys()].join(', ')
    return say({
      stdout: '',
      stderr: `firebreak: \`${name}\` is no agent known here (${known})\n`,
      exit: 2,
    })
  }
  let longer: () => void = () => {}
  const late = new Promise<null>((resolve) => {
    const end = (): void => resolve(null)
    const first = setTimeout(end, deadlineMs)
    longer = (): void => {
      clearTimeout(first)
      setTimeout(end, savingMs)
    }
  })
  const judged = stdin()
    .then(async (text) =>
      text === null
        ? refuse(dialect, 'what the host sent is too long')
        : await answer(dialect, text, hookWorld(deadlineMs - 1000, asking(longer))),
    )
    .catch((thrown: unknown) => refuse(dialect, messageOf(thrown)))
  const reply = await Promise.race([judged, late])
  if (reply !== null) return say(reply)
  return leave(say(refuse(dialect, 'judging it took too long')))
}

/** Nobody is asked without a grant. Whatever goes wrong on the way, the hook's own judgement stands. */
function asking(longer: () => void): HookWorld['ask'] {
  const grant = environment('FIREBREAK_GRANT')
  if (grant === null) return null
  const url = environment('FIREBREAK_URL') ?? 'http://127.0.0.1:7077'
  return async (question, held) => {
    try {
      const { askDaemon } = await import('./hook-ask.ts')
      if (held.some(isForced)) longer()
      return await askDaemon({ url, grant, mostMs: gitMs }, question, held)
    } catch {
      // It cannot be loaded: as without a daemon.
      return null
    }
  }
}

/** Ends at once: while a read of stdin waits in another thread, an exit would wait for it, and the host for us. */
function leave(code: number): number {
  if (process.platform !== 'win32') process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {})
  return code
}

/** Straight to the file: to open a stream takes longer than the judgement. */
function say({ stdout, stderr, exit }: Reply): number {
  try {
    if (stdout !== '') writeSync(1, stdout)
    if (stderr !== '') writeSync(2, stderr)
    return exit
  } catch {
    // An answer that nobody got is none.
    return 2
  }
}

/** All of it; null where it is too much. */
async function stdin(): Promise<string | null> {
  const parts: Buffer[] = []
  for (let size = 0; ;) {
    const part = await once()
    if (part.length === 0) return Buffer.concat(parts).toString('utf8')
    size += part.length
    if (size > mostBytes) return null
    parts.push(part)
  }
}

function once(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const part = Buffer.allocUnsafe(64 * 1024)
    read(0, part, 0, part.length, null, (fault, size) => {
      if (fault === null) resolve(part.subarray(0, size))
      else if (fault.code === 'EOF') resolve(part.subarray(0, 0))
      // A pipe that does not wait: asked again once it had time to fill.
      else if (fault.code === 'EAGAIN') setTimeout(() => resolve(once()), 1)
      else reject(fault)
    })
  })
}
