/** `npm run bench:http`: direct, nginx, Node's libraries alone, http-proxy-3 and Firebreak in turn, several rounds, in one run; writes docs/performance.md. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, firebreak, nginx, nodeProxy } from './proxies.ts'
import type { Subject } from './proxies.ts'
import { writeTable } from '../table.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 2 : 7
const seconds = quick ? 2 : 5
/** The same for all; a compiler needs longer to settle than a program in C. */
const warmSeconds = quick ? 2 : 15
const connections = 16
/** So many requests differ in an argument before the first comes again. */
const different = 1000

interface Sample {
  readonly cpuMicros: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const body = JSON.stringify({
  query:
    'mutation Add($input: CustomDomainCreateInput!) { customDomainCreate(input: $input) { id } }',
  variables: {
    input: { domain: 'a1000.example', environmentId: 'env-s', projectId: 'p', serviceId: 's' },
  },
})

const dir = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
mkdirSync(join(dir, 'home'))
const upstream = await nginx(dir, null)
const direct: Subject = { ...upstream, name: 'direct', pids: () => [], stop: async () => {} }
const subjects = [
  direct,
  await nginx(dir, upstream.url),
  await nodeProxy('node:http + undici, nothing inside', 'libraries.ts', upstream.url),
  await nodeProxy('http-proxy-3', 'rival.ts', upstream.url),
  await firebreak(join(dir, 'home'), upstream.url),
]
const samples = new Map(subjects.map(({ name }) => [name, new Array<Sample>()]))
for (const subject of subjects) {
  await answersWhole(subject)
  load(subject, warmSeconds)
}
for (let round = 0; round < rounds; round += 1)
  for (const subject of subjects) samples.get(subject.name)?.push(measure(subject))
for (const subject of [...subjects, upstream]) await subject.stop()
rmSync(dir, { recursive: true, force: true })
report()

/** An answer without its body would be quick, and would look good. */
async function answersWhole({ name, url, token }: Subject): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/graphql/v2`, { method: 'POST', headers, body })
  const text = await answer.text()
  if (!text.includes('customDomainCreate'))
    throw new Error(`${name} answers ${answer.status}: ${text}`)
}

function measure(subject: Subject): Sample {
  const before = subject.pids().reduce((sum, pid) => sum + cpuOf(pid), 0)
  const { requests, ...rest } = load(subject, seconds)
  const after = subject.pids().reduce((sum, pid) => sum + cpuOf(pid), 0)
  return { cpuMicros: ((after - before) * 1e6) / requests, ...rest }
}

/** One run of wrk; throws when any answer was not 200: a refusal is quick, and would look good. */
function load(
  { url, token }: Subject,
  duration: number,
): { requests: number; perSecond: number; p50: number; p99: number } {
  const script = join(dir, 'post.lua')
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${token}"
local body, requests, last = [[${body}]], {}, 0
init = function()
  for n = 1, ${different} do
    requests[n] = wrk.format(nil, nil, nil, (body:gsub("a1000", "a" .. (999 + n), 1)))
  end
end
request = function()
  last = last % ${different} + 1
  return requests[last]
end
done = function(s, l) io.write(string.format("RESULT %d %d %d %d %d\\n", s.requests, s.duration, l:percentile(50), l:percentile(99), s.errors.status + s.errors.read + s.errors.timeout)) end
`,
  )
  const out = execFileSync(
    'wrk',
    ['-t1', `-c${connections}`, `-d${duration}s`, '-s', script, `${url}/graphql/v2`],
    { encoding: 'utf8' },
  )
  const [requests = 0, micros = 1, p50 = 0, p99 = 0, errors = 1] = (
    /RESULT (.*)/.exec(out)?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  if (errors > 0 || requests === 0)
    throw new Error(`${url}: ${errors} of ${requests} answers were not good`)
  return { requests, perSecond: (requests * 1e6) / micros, p50, p99 }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function report(): void {
  const base = middle((samples.get('nginx') ?? []).map(({ cpuMicros }) => cpuMicros))
  const rows = subjects.map(({ name }) => {
    const own = samples.get(name) ?? []
    const of = (key: keyof Sample): number => middle(own.map((sample) => sample[key]))
    const cpu = own.map(({ cpuMicros }) => cpuMicros)
    const spread = `${Math.min(...cpu).toFixed(1)}–${Math.max(...cpu).toFixed(1)}`
    return name === 'direct'
      ? `| direct | – | – | – | ${of('perSecond').toFixed(0)} | ${of('p50')} | ${of('p99')} |`
      : `| ${name} | ${of('cpuMicros').toFixed(1)} | ${spread} | ${(of('cpuMicros') / base).toFixed(2)} | ${of('perSecond').toFixed(0)} | ${of('p50')} | ${of('p99')} |`
  })
  const table = [
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}, ${warmSeconds} s to warm up, ${rounds} rounds of ${seconds} s in turn, ${connections} connections. The load: POSTs of one allowed mutation, one document, ${different} different arguments in turn. Medians; command: \`npm run bench:http\`.`,
    '',
    '| | CPU µs per request | spread | ratio to nginx | requests/s | p50 µs | p99 µs |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
  process.stdout.write(`${table}\n`)
  if (quick) return
  writeTable('http', table)
}
