/** Attacks on what restic is trusted with: one that never ends. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Secret } from '../../src/base/secret.ts'
import { textOf } from '../../src/vault/restic-run.ts'
import type { Call } from '../../src/vault/restic-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-stuck-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Something in the place of restic, whose time is over in a moment. */
function called(script: string): Call {
  const program = join(folder, 'restic')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  const access = { repository: '/r', password: new Secret('word'), credential: null }
  return { program, access, signal: AbortSignal.timeout(200) }
}

test('a restic that hears nothing, and what it has started, keep nobody waiting', async () => {
  const call = called("trap '' INT TERM; echo some; sleep 60 & wait; wait")
  await expect(textOf(['version'], call)).rejects.toThrow('takes longer than the vault lets')
}, 30_000)
