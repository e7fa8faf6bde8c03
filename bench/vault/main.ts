/** `npm run bench:vault`: the physical engine against PostgreSQL's own tools and `cp`, in turn, several rounds, in one run; `--quick` only prints, else writes docs/performance.md; `--rounds`, `--scale` and `--seconds` for another size. */
import { cpus } from 'node:os'
import { baseBackups } from './base.ts'
import { openGround } from './ground.ts'
import { restores } from './restore.ts'
import { openTable } from './table.ts'
import { walStream } from './wal.ts'
import { writeTable } from '../table.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 1 : given('--rounds', 5)
const scale = quick ? 2 : given('--scale', 20)
const seconds = quick ? 2 : given('--seconds', 8)

/** A number behind a word of the command line. */
function given(word: string, usual: number): number {
  const at = process.argv.indexOf(word)
  return at < 0 ? usual : Number(process.argv[at + 1])
}

const bases = openTable('base backup', 'seconds')
const wal = openTable('WAL', 'ms')
const ways = openTable('way back', 'seconds')
const had: number[] = []
const ground = await openGround(scale)
try {
  const version = ground.cluster.sql('SHOW server_version').trim().split(' ')[0]
  const bytes = Number(
    ground.cluster.sql('SELECT sum(pg_database_size(oid)) FROM pg_database').trim(),
  )
  for (let round = 0; round < rounds; round += 1) {
    await baseBackups(ground, bases)
    had.push(await walStream(ground, wal, seconds * 1000))
    await restores(ground, ways)
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
  }
  const lines = [bases, wal, ways].flatMap((table) => ['', ...table.lines()])
  const tps = had.map((one) => one.toFixed(0)).join(', ')
  const [model = { model: 'unknown' }] = cpus()
  const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${model.model}), Node ${process.versions.node}, PostgreSQL ${version}, ${(bytes / 1e6).toFixed(0)} MB (half pgbench, half text and its index), ${rounds} rounds in turn; ratio: how many times as fast, the median of each round's own; load: the machine's, everything else on it counted; transactions a second that there were: ${tps}; command: \`npm run bench:vault -- --rounds ${rounds} --scale ${scale}\`.`
  process.stdout.write(`${head}\n${lines.join('\n')}\n`)
  // A quick run's numbers are no numbers: only a whole one is written down.
  if (!quick) writeTable('vault', `${head}\n${lines.join('\n')}`)
} finally {
  await ground.stop()
}
