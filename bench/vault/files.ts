/** `npm run bench:files`: Firebreak's own engine of files, restic by itself, and Firebreak with restic, over one folder, in turn; `--quick` only prints, else writes docs/performance.md; `--rounds` and `--megabytes` for another size. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { drop, openGround, ownersRestic, radius, volume } from '../../test/vault/restic-ground.ts'
import type { Ground } from '../../test/vault/restic-ground.ts'
import type { OpenVault } from '../../src/vault/vault.ts'
import { openTable, seconds } from './table.ts'
import type { Table } from './table.ts'
import { writeTable } from '../table.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 1 : given('--rounds', 3)
const megabytes = quick ? 20 : given('--megabytes', 300)
const files = openTable('files', 'seconds')
for (let round = 0; round < rounds; round += 1) {
  await fileCopies(files, megabytes)
  process.stderr.write(`round ${round + 1} of ${rounds}\n`)
}
const [, version = ''] =
  /^restic (\S+)/.exec(execFileSync('restic', ['version'], { encoding: 'utf8' })) ?? []
const [model = { model: 'unknown' }] = cpus()
const text = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${model.model}), Node ${process.versions.node}, restic ${version}, ${megabytes} MB, half in files of 25 kB, ${rounds} rounds in turn; ratio and load as above; command: \`npm run bench:files -- --rounds ${rounds} --megabytes ${megabytes}\`.\n\n${files.lines().join('\n')}`
process.stdout.write(`${text}\n`)
if (!quick) writeTable('files', text)

/** A number behind a word of the command line. */
function given(word: string, usual: number): number {
  const at = process.argv.indexOf(word)
  return at < 0 ? usual : Number(process.argv[at + 1])
}

/** One round over a new folder of so many megabytes: half in large files, half in small ones. */
async function fileCopies(table: Table, megabytes: number): Promise<void> {
  const ground = await openGround()
  try {
    fill(ground.data, megabytes)
    const { data, repository } = ground
    const own = ground.open({ sources: [{ covers: volume, path: data }] })
    const second = join(ground.root, 'second')
    ownersRestic(second, 'init')
    const driven = ground.open({ sources: [{ covers: volume, path: data, repository: second }] })
    const restic = async (): Promise<void> => {
      ownersRestic(repository, 'backup', '--quiet', data)
      await Promise.resolve()
    }
    for (const when of ['first', 'nothing changed']) {
      const name = `restic backup, ${when}`
      table.of(name).add(await seconds(restic))
      table.of(`Firebreak's copy, read back, ${when}`, name).add(await seconds(() => take(own)))
      const by = `Firebreak by restic, read back, ${when}`
      table.of(by, name).add(await seconds(() => take(driven)))
    }
    await ways(ground, table, { own, driven })
  } finally {
    ground.close()
  }
}

async function ways(
  { root, repository }: Ground,
  table: Table,
  { own, driven }: { readonly own: OpenVault; readonly driven: OpenVault },
): Promise<void> {
  const into = join(root, 'back')
  const timed = async (work: () => unknown): Promise<number> => {
    const took = await seconds(async () => {
      await work()
      execFileSync('sync', ['-f', into])
    })
    rmSync(into, { recursive: true, force: true })
    return took
  }
  const rival = 'restic restore and sync'
  const [mine, theirs] = [await take(own), await take(driven)]
  const restore = (): string => ownersRestic(repository, 'restore', 'latest', '--target', into)
  table.of(rival).add(await timed(restore))
  table.of("Firebreak's restore", rival).add(await timed(() => own.restoreTo(mine, into)))
  const by = 'Firebreak restores by restic'
  table.of(by, rival).add(await timed(() => driven.restoreTo(theirs, into)))
}

async function take(vault: OpenVault): Promise<string> {
  const covered = await vault.cover(drop, radius)
  if (covered.kind === 'missing') throw new Error(covered.why.join('; '))
  return covered.points[0]?.id ?? ''
}

/** Half of the bytes are such as nobody can pack. */
function fill(data: string, megabytes: number): void {
  const text = Buffer.from('a booking of a car until Monday, paid in advance by card\n'.repeat(300))
  const small = Math.floor((megabytes * 500_000) / 25_000)
  for (let at = 0; at < small; at += 1) {
    const folder = join(data, `small-${at % 50}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, `${at}`),
      Buffer.concat([randomBytes(12_500), text.subarray(0, 12_500)]),
    )
  }
  for (let at = 0; at < 4; at += 1)
    writeFileSync(join(data, `large-${at}`), randomBytes(megabytes * 125_000))
}
