/** Words that a bucket, a folder or a database has chosen, and assertions that say nothing. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdsIn } from '../../src/vault/assertions.ts'
import { tellDrill } from '../../src/cli/drill.ts'
import { openIo } from '../../src/cli/io.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { freshFolder, storeIn } from '../vault/keys-house.ts'
import { dialOf, startSource } from '../vault/physical-house.ts'

test('the names of files in a store move no cursor and make no line', async () => {
  const folder = freshFolder()
  await storeIn(folder)
  const key = join(folder, 'key')
  writeFileSync(key, Buffer.alloc(32, 7).toString('hex'), { mode: 0o600 })
  const name = 'base_\u001B[2J\nbase_1  physical shop  signed'
  writeFileSync(join(folder, 'points', `${name}.manifest`), 'x')
  const bin = join(import.meta.dirname, '../../bin/firebreak')
  const said = await new Promise<string>((resolve) => {
    const args = [bin, 'vault', 'list', '--store', folder, '--key', key]
    const child = execFile(process.execPath, args, (_, out, err) => resolve(`${out}${err}`))
    child.stdin?.end()
  })
  expect(said).toContain('BROKEN')
  expect(said).not.toContain('\u001B')
  expect(said).not.toMatch(/^base_1 /m)
}, 30_000)

test('the name of a table in a drill that failed tells of none that passed', () => {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const io = { ...openIo({ json: false, quiet: true, noColor: true, plain: true }), say }
  const wrong = ['`x"\npassed: 9 tables, 9 rows, the same as they were` is cut off']
  expect(tellDrill(io, 'base_1', { passed: false, wrong, lacks: [], lastGood: null })).toBe(1)
  expect(lines.join('\n')).not.toMatch(/^passed/m)
})

test('drill-proves: a statement that gives a row of nothing holds nothing', async () => {
  const source = await startSource()
  const client = await openClient(dialOf(source.port))
  try {
    const all = ['SELECT', 'SELECT FROM pg_class LIMIT 1', 'SELECT true']
    expect(await holdsIn(client, all)).toEqual([
      '`SELECT` does not hold',
      '`SELECT FROM pg_class LIMIT 1` does not hold',
    ])
  } finally {
    await client.close()
    await source.stop()
  }
}, 30_000)
