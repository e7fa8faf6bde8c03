/** The tools of `tools.tsv`, and what Firebreak says to each: `node test/mcp/tools.ts` prints the figures of docs/mcp.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { explainLine } from '../../src/app/explain.ts'
import { loadPolicy } from '../../src/app/policies.ts'
import { loadSql } from '../../src/classify/payload-sql.ts'
import { isObject, parseJson, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'

export interface ToolRow {
  readonly server: string
  readonly tool: string
  /** As labelled in the file: read, write, outage, destroy, expose, or code that nobody could read. */
  readonly does: string
  readonly arguments: JsonObject
}

export interface Judged extends ToolRow {
  readonly verdict: string
  readonly effect: string
}

export function isQuiet({ does }: ToolRow): boolean {
  return ['read', 'write', 'outage'].includes(does)
}

/** `tools.tsv`, on which the tables were mended, or `tools-unseen.tsv`, on which they were measured first. */
export async function judgedTools(file: string): Promise<readonly Judged[]> {
  await loadSql()
  const policy = await loadPolicy(null)
  return rows(file).map((row) => {
    const question = { id: 1, kind: 'mcp', server: row.server, tool: row.tool }
    const { line } = explainLine(JSON.stringify({ ...question, arguments: row.arguments }), policy)
    return { ...row, verdict: textOf(line['verdict']), effect: textOf(line['effect']) }
  })
}

function rows(file: string): readonly ToolRow[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [server = '', tool = '', does = '', given = '{}'] = line.split('\t')
      const parsed = parseJson(given)
      return { server, tool, does, arguments: isObject(parsed) ? parsed : {} }
    })
}

if (import.meta.main) {
  for (const file of ['tools.tsv', 'tools-unseen.tsv']) report(file, await judgedTools(file))
}

function report(file: string, judged: readonly Judged[]): void {
  const quiet = judged.filter(isQuiet)
  const grave = judged.filter((row) => !isQuiet(row))
  const alarms = quiet.filter(({ verdict }) => verdict !== 'allow')
  const missed = grave.filter(({ verdict }) => verdict === 'allow')
  const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
  process.stdout.write(
    `${file}: ${judged.length} calls of ${new Set(judged.map(({ server }) => server)).size} servers\n` +
      `held of ${grave.length} that destroy, expose or run code: ${grave.length - missed.length} (${share(grave.length - missed.length, grave.length)})\n` +
      `held of ${quiet.length} that read, write or only stop: ${alarms.length} (${share(alarms.length, quiet.length)})\n`,
  )
  for (const row of [...missed, ...alarms])
    process.stdout.write(
      `${row.does} taken for ${row.effect}: ${row.server} ${row.tool} ${JSON.stringify(row.arguments)}\n`,
    )
}
