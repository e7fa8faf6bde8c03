/** `firebreak explain`: JSON lines in, JSON lines out; exit 2 when a line could not be read. */
import { readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { catalogAt } from '../app/database-catalog.ts'
import { explainLine } from '../app/explain.ts'
import { loadPolicy } from '../app/policies.ts'
import { isObject, parseJson } from '../base/json.ts'
import { loadSql } from '../classify/sql/read.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'

export const command: Command = {
  usage: [
    'firebreak explain [--config FILE] [--database postgres://USER@HOST/DATABASE] < questions.jsonl',
    '                                               {"id":1,"kind":"graphql","platform":"railway","text":"mutation { volumeDelete(volumeId: \\"v\\") }"}',
    '                                           {"id":2,"kind":"sql","text":"DELETE FROM t WHERE id = 5"}',
    '                                           {"id":4,"kind":"plan","path":"tfplan"}',
    '                                           {"id":3,"kind":"shell","command":"psql -c \\"DROP TABLE t\\"","cwd":"/srv/shop"}',
  ],
  run: async (args) => {
    const parsed = parse(args, { database: { type: 'string' }, ...daemonOptions })
    const database = parsed.text('database')
    // Without a config there are the defaults: nothing need be set up to ask.
    const isConfigured = parsed.text('config') !== null
    const policy = await loadPolicy(isConfigured ? (configOf(parsed).policies ?? null) : null)
    await loadSql()
    const catalog = database === null ? null : await catalogAt(database)
    let code: number = exits.done
    for await (const line of createInterface({
      input: process.stdin,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (line.trim() === '') continue
      const { line: answer, ok } = explainLine(withPlan(line), policy, { catalog })
      if (!ok) code = exits.usage
      process.stdout.write(`${JSON.stringify(answer)}\n`)
    }
    return code
  },
}

/** Longer is no plan. */
const longestPlan = 16 * 1024 * 1024

/** `{"kind":"plan","path":…}` with the bytes of that file; whoever calls may read it. As it is where it is no such line. */
function withPlan(line: string): string {
  try {
    const question = parseJson(line)
    if (!isObject(question) || question['kind'] !== 'plan') return line
    const { path, ...more } = question
    if (typeof path !== 'string') return line
    if (statSync(path).size > longestPlan) return line
    return JSON.stringify({ ...more, base64: readFileSync(path).toString('base64') })
  } catch {
    // The line says so itself: it is no JSON, or has no plan in it.
    return line
  }
}
