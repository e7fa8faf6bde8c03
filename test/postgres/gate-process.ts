/** The same Firebreak as a process of its own, that can be killed. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import type { Fault } from '../faults/order.ts'
import type { Gate } from './gate.ts'

export interface Apart {
  readonly pid: () => number
  readonly up: () => Promise<void>
  /** At once, and nothing is finished. */
  readonly kill: () => Promise<void>
  /** Its clocks go to the gate's and so much further; at a commit of its own from now on it fails. False where it has died. */
  readonly order: (fault: Fault | null, furtherMs?: number) => Promise<boolean>
  /** What it has written on stderr. */
  readonly told: () => string
}

const bin = join(import.meta.dirname, '../../bin/firebreak')
const preload = join(import.meta.dirname, '../faults/preload.ts')

/** Ends the one in this process and starts it anew in another, on the same files and port; its clocks go on from there. */
export async function apart(gate: Gate): Promise<Apart> {
  await gate.running.stop()
  gate.running = { ...gate.running, stop: async () => undefined }
  let child: ChildProcess | null = null
  let told = ''
  const up = async (): Promise<void> => {
    const order = { aheadMs: gate.ahead(), steadyMs: gate.ahead(), fault: null }
    const started = fork(bin, ['up'], {
      cwd: join(gate.dir, 'home'),
      silent: true,
      // With the room that `bin/firebreak` starts itself again for.
      execArgv: ['--max-semi-space-size=64', '--import', preload],
      env: {
        ...process.env,
        FIREBREAK_FAULT: JSON.stringify(order),
      },
    })
    child = started
    started.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
    await new Promise<void>((resolve, reject) => {
      started.stdout?.once('data', () => resolve())
      started.once('close', (code) => reject(new Error(`it ended with ${code}: ${told}`)))
    })
  }
  await up()
  return {
    pid: () => child?.pid ?? 0,
    up,
    told: () => told,
    order: async (fault, furtherMs = 0) => {
      const alive = child
      const aheadMs = gate.ahead() + furtherMs
      if (alive === null || !alive.connected) return false
      const over = new AbortController()
      const { signal } = over
      const heard = Promise.race([
        once(alive, 'message', { signal }).then(() => true),
        once(alive, 'close', { signal }).then(() => false),
      ])
      alive.send({ aheadMs, steadyMs: aheadMs, fault }, () => {})
      return await heard.finally(() => over.abort())
    },
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    },
  }
}
