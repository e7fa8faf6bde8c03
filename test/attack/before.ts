/** A whole Firebreak before a platform of the test's own, which may do what no real one would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'
import type { Running } from '../../src/app/serve.ts'

export interface Before {
  readonly running: Running
  readonly people: Rehearsal
  /** Lets time pass for Firebreak. */
  readonly pass: (ms: number) => void
  readonly close: () => Promise<void>
}

export async function openBefore(platform: Server, secret: string): Promise<Before> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-before-'))
  await new Promise<void>((done) => platform.listen(0, '127.0.0.1', done))
  const address = platform.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const file = join(dir, 'firebreak.yaml')
  const target = `{ platform: railway, url: 'http://127.0.0.1:${port}' }`
  writeFileSync(file, `version: 1\nlisten: 127.0.0.1:0\ntargets:\n  railway: ${target}\n`)
  const config = readConfig(file)
  let ahead = 0
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() + ahead }
  const running = await serve(config, () => {}, clock)
  return {
    running,
    people: await rehearse(config, { target: 'railway', secret }, clock.now),
    pass: (ms) => {
      ahead += ms
    },
    close: async () => {
      platform.closeAllConnections()
      platform.close()
      await running.stop()
      rmSync(dir, { recursive: true })
    },
  }
}
