/**
 * The scan of a checkout of 200,000 files and 2 GB: how long, what it takes, whether what is planted is found, and whether somebody who waits sees that it goes on.
 * `npm run bench:scan-big -- [--rounds N] [--write]`. The files are the packages of node_modules over and over, each copy with a line of its own; the aim is 30 s.
 */
import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { drawn } from '../../test/scan/planted.ts'
import { writeTable } from '../table.ts'
import { tookIn } from './took.ts'
import type { Took } from './took.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-bench-big-'))
const wanted = 200_000
const mostBytes = 4_000_000
const planted = 20

const sources = readdirSync(join(root, 'node_modules'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => statSync(file).size < mostBytes)

let [files, bytes] = [0, 0]
for (let round = 0; files < wanted; round++)
  for (const source of sources.slice(0, wanted - files)) {
    const file = join(dir, 'big', `copy-${round}`, relative(root, source))
    mkdirSync(dirname(file), { recursive: true })
    const isText = /\.(?:[cm]?[jt]sx?|json|md|txt|css|html|map)$/.test(file)
    const secret = files % (wanted / planted) === 17 ? `HCLOUD_TOKEN=${drawn(file, 64)}\n` : ''
    const own = isText || secret !== '' ? `// copy ${round} of ${files}\n${secret}` : ''
    const content = Buffer.concat([Buffer.from(own), readFileSync(source)])
    writeFileSync(secret === '' ? file : `${file}.sh`, secret === '' ? content : own)
    files += 1
    bytes += content.length
  }

interface Run extends Took {
  readonly wallMs: number
  readonly found: number
  readonly progress: number
}

async function run(): Promise<Run> {
  const usage = join(dir, 'usage.json')
  const begun = performance.now()
  let out = ''
  let progress = 0
  const text = `script -qec "${process.execPath} --import ${join(import.meta.dirname, 'usage.ts')} ${join(root, 'bin/firebreak')} scan ${join(dir, 'big')} --only checkout" /dev/null`
  const child = spawn('sh', ['-c', text], { env: { ...process.env, SCAN_USAGE: usage } })
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
    progress += part.split(/\d+ files, /).length - 1
  })
  await new Promise((resolve) => child.once('close', resolve))
  const wallMs = performance.now() - begun
  const found = Number(/(\d+) found: /.exec(out)?.[1] ?? 0)
  return { wallMs, ...tookIn(usage), found, progress }
}

const runs: Run[] = []
for (let round = 0; round < Number(values.rounds); round++) runs.push(await run())
rmSync(dir, { recursive: true, force: true })

const said = (of: (run: Run) => number, unit: string, by = 1): string => {
  const all = runs.map(of).toSorted((a, b) => a - b)
  const [least = 0, middle = 0, most = 0] = [all[0], all[Math.floor(all.length / 2)], all.at(-1)]
  return `${(middle / by).toFixed(1)} ${unit} (${(least / by).toFixed(1)} to ${(most / by).toFixed(1)})`
}
const report = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? ''}), Node ${process.versions.node}, ${files} files, ${(bytes / 1e9).toFixed(2)} GB, just written; ${values.rounds} rounds, median (least to most); command: \`npm run bench:scan-big\`.`,
  '',
  '| wall | CPU | memory | planted, found | times that its progress was told |',
  '| --- | --- | --- | --- | --- |',
  `| ${said((one) => one.wallMs, 's', 1000)} | ${said((one) => one.cpuMs, 's', 1000)} | ${said((one) => one.rssMb, 'MB')} | ${Math.min(...runs.map(({ found }) => found))} of ${planted} | ${Math.min(...runs.map(({ progress }) => progress))} |`,
].join('\n')
process.stdout.write(`${report}\n`)
if (values.write) writeTable('scan-big', report)
