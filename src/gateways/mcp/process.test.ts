import { expect, test } from 'vitest'
import type { JsonObject } from '../../base/json.ts'
import { startProcess } from './process.ts'

/** Starts a shell's text; gives what it said first and what ended it. */
async function run(script: string, says: number): Promise<{ pid: number; why: string }> {
  const { promise, resolve } = Promise.withResolvers<{ pid: number; why: string }>()
  let pid = 0
  const child = startProcess(
    { command: ['sh', '-c', script], env: { PATH: process.env['PATH'] ?? '' }, cwd: null },
    {
      message: (message: JsonObject) => {
        pid = Number(message['pid'])
        for (let turn = 0; turn < says; turn += 1) child.write({ turn, text: 'x'.repeat(100_000) })
      },
      ended: (why) => resolve({ pid, why }),
    },
  )
  return await promise
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // No such process.
    return false
  }
}

test('a server that takes nothing any more does not live on', async () => {
  const { pid, why } = await run('exec 0<&-; echo "{\\"pid\\":$$}"; exec sleep 600', 50)
  expect(why).toContain('nothing any more')
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => lives(pid)).toBe(false)
})

test('what a server has started does not outlive it', async () => {
  const { pid } = await run('sleep 600 & echo "{\\"pid\\":$!}"', 0)
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => lives(pid)).toBe(false)
})
