/** Zero bytes hide nothing in a file that a rule goes by, wherever it is looked at; what is binary is counted. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findUnder } from '../../src/scan/find.ts'
import { findInHistory } from '../../src/scan/history.ts'
import { findStaged } from '../../src/scan/staged.ts'
import { drawn } from './planted.ts'

test.each([
  ['checkout', findUnder],
  ['staged', findStaged],
  ['history', findInHistory],
] as const)('%s', async (_, look) => {
  const root = mkdtempSync(join(tmpdir(), 'firebreak-zeros-'))
  try {
    const text = `#\0\0\0\0\u0001\nSESSION_SECRET=${drawn('zeros', 32)}\n`
    writeFileSync(join(root, '.env'), text)
    writeFileSync(join(root, 'picture'), `${text} `)
    execFileSync('git', ['init', '-q'], { cwd: root })
    execFileSync('git', ['add', '.'], { cwd: root })
    const counts = { binary: 0, read: 0, unreadable: 0 }
    const seen = (kind: keyof typeof counts): void => void (counts[kind] += 1)
    const met: string[] = []
    for await (const each of look(root, { seen, skip: (shown) => shown.startsWith('.git') }))
      met.push('unreadable' in each ? each.why : `${each.at.file}:${each.at.line} ${each.rule}`)
    expect(met).toEqual(['.env:2 env-secret'])
    expect(counts).toEqual({ binary: 1, read: 1, unreadable: 0 })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
