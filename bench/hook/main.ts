/** `npm run bench:hook -- [--against FILE] [--rounds N] [--write]`: from the start of a hook to its answer, beside bare Node and cc-safety-net in turn; and by HTTP. `--write` puts it into docs/performance.md. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleHook } from '../../scripts/hook-bundle.ts'
import { everything, openRig } from '../../test/rig.ts'
import { writeTable } from '../table.ts'

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '200' },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const root = join(import.meta.dirname, '../..')
const call = (command: string): string =>
  JSON.stringify({
    session_id: 'bench',
    cwd: tmpdir(),
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command },
  })
const plain = call('git status && npm test -- --run')
const sql = call("psql -c 'DROP TABLE users'")

const built = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
const load = loadavg().map((one) => one.toFixed(1))
const lines = [...(await processes()), ...(await overHttp())]
rmSync(built, { recursive: true, force: true })
report()

interface Subject {
  readonly name: string
  readonly args: readonly string[]
  readonly input: string
  readonly denies: boolean
}

async function processes(): Promise<readonly string[]> {
  const tsc = join(root, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', built], { cwd: root })
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'))
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const hook = await bundleHook(root, built)
  const own = (name: string, input: string, denies: boolean): Subject => ({
    name,
    args: [hook, 'claude-code'],
    input,
    denies,
  })
  const rival = values.against
  const bare = { name: '`node -e 0`', args: ['-e', '0'], input: '', denies: false }
  const subjects: readonly Subject[] = [
    bare,
    own('Firebreak, a shell text', plain, false),
    own('Firebreak, a shell text with SQL in it', sql, true),
    ...(rival === undefined
      ? []
      : [
          {
            name: 'cc-safety-net, a shell text',
            args: [rival, 'hook', '--claude-code'],
            input: plain,
            denies: false,
          },
        ]),
  ]
  const taken = new Map(subjects.map(({ name }) => [name, new Array<number>()]))
  // The first of each is thrown away: files are not in memory yet, and V8 has kept nothing.
  for (let round = -1; round < rounds; round += 1)
    for (const subject of subjects) {
      const ms = start(subject)
      if (round >= 0) taken.get(subject.name)?.push(ms)
    }
  const base = quantile(taken.get(bare.name) ?? [], 0.5)
  return subjects.map(({ name }) => row(name, taken.get(name) ?? [], base))
}

/** An answer that is wrong would be quick, and would look good. */
function start({ name, args, input, denies }: Subject): number {
  const begun = performance.now()
  const { status, stdout } = spawnSync(process.execPath, args, { input, encoding: 'utf8' })
  const ms = performance.now() - begun
  if (status !== 0 || stdout.includes('deny') !== denies)
    throw new Error(`${name} answers ${status}: ${stdout}`)
  return ms
}

async function overHttp(): Promise<readonly string[]> {
  const rig = await openRig()
  const grant = await rig.people.mint('agent:bench', everything)
  const agent = new Agent({ keepAlive: true })
  const found: string[] = []
  for (const [name, body, denies] of [
    ['by HTTP, a shell text', plain, false],
    ['by HTTP, a shell text with SQL in it', sql, true],
  ] as const) {
    const taken: number[] = []
    for (let round = -50; round < rounds; round += 1) {
      const begun = performance.now()
      const text = await post(`${rig.running.url}/.firebreak/hook/claude-code`, {
        body,
        grant,
        agent,
      })
      if (text.includes('deny') !== denies) throw new Error(`${name} answers ${text}`)
      if (round >= 0) taken.push(performance.now() - begun)
    }
    found.push(row(`Firebreak ${name}`, taken, null))
  }
  agent.destroy()
  await rig.close()
  return found
}

interface Post {
  readonly body: string
  readonly grant: string
  readonly agent: Agent
}

function post(url: string, { body, grant, agent }: Post): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${grant}`, 'content-type': 'application/json' }
    request(url, { method: 'POST', agent, headers }, (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('end', () => resolve(Buffer.concat(parts).toString()))
    })
      .on('error', reject)
      .end(body)
  })
}

function row(name: string, taken: readonly number[], base: number | null): string {
  const [half, most] = [quantile(taken, 0.5), quantile(taken, 0.95)]
  const over = base === null || half === base ? '–' : (half - base).toFixed(1)
  return `| ${name} | ${half.toFixed(1)} | ${most.toFixed(1)} | ${over} |`
}

function quantile(taken: readonly number[], part: number): number {
  return taken.toSorted((a, b) => a - b)[Math.floor(taken.length * part)] ?? 0
}

function report(): void {
  const table = [
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, load ${load.join(' ')}, Node ${process.versions.node}, ${rounds} runs of each in turn; command: \`npm run bench:hook -- --against …/cc-safety-net.js\`.`,
    '',
    '| | p50 ms | p95 ms | p50 over `node -e 0` |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n')
  process.stdout.write(`${table}\n`)
  if (values.write) writeTable('hook', table)
}
