/** `npm run bench:mcp`: calls of a tool direct to an MCP server and through Firebreak, in turn, several rounds; prints the rows of docs/performance.md. */
import { cpus } from 'node:os'
import { connect, openMcpRig } from '../../test/mcp/rig.ts'
import type { Client } from '../../test/mcp/rig.ts'
import { everything } from '../../test/rig.ts'

const rounds = process.argv.includes('--quick') ? 2 : 7
const each = 2000
const atOnce = 16

interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p95: number
}

const mcp = await openMcpRig()
const grant = await mcp.rig.people.mint('agent:bench', everything)
const read = 'list_volumes'
const write = 'create_note'
const subjects: readonly (readonly [string, Client, string])[] = [
  ['direct, a read', await connect(mcp.server.url, 'none'), read],
  ['Firebreak over HTTP, a read', await mcp.client(grant), read],
  ['direct, an ordinary write', await connect(mcp.server.url, 'none'), write],
  ['Firebreak over HTTP, an ordinary write', await mcp.client(grant), write],
  ['Firebreak before a process, a read', await mcp.client(grant, 'local'), read],
]
const samples = new Map(subjects.map(([name]) => [name, new Array<Sample>()]))
for (const [, client, tool] of subjects) await load(client, tool, each)
for (let round = 0; round < rounds; round += 1)
  for (const [name, client, tool] of subjects)
    samples.get(name)?.push(await load(client, tool, each))
report()
await mcp.close()

/** Throws where any answer is a refusal: that is quick, and would look good. */
async function load(client: Client, tool: string, calls: number): Promise<Sample> {
  const times: number[] = []
  let left = calls
  const begun = performance.now()
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const at = performance.now()
      const answer = await client.call(tool, { text: `note ${left}` })
      times.push(performance.now() - at)
      if (!JSON.stringify(answer).includes('content') || JSON.stringify(answer).includes('isError'))
        throw new Error(`${tool} was answered with ${JSON.stringify(answer)}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  const seconds = (performance.now() - begun) / 1000
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return { perSecond: calls / seconds, p50: at(0.5), p95: at(0.95) }
}

function report(): void {
  const middle = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  const rows = subjects.map(([name]) => {
    const own = samples.get(name) ?? []
    const of = (key: keyof Sample): number => middle(own.map((sample) => sample[key]))
    return `| ${name} | ${of('perSecond').toFixed(0)} | ${of('p50').toFixed(1)} | ${of('p95').toFixed(1)} |`
  })
  process.stdout.write(
    [
      `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}, ${rounds} rounds of ${each} calls in turn, ${atOnce} at once, client, gateway and server in one process. Medians; command: \`npm run bench:mcp\`.`,
      '',
      '| | calls/s | p50 ms | p95 ms |',
      '|---|---|---|---|',
      ...rows,
      '',
    ].join('\n'),
  )
}
