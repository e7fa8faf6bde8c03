/** `firebreak explain`: JSON lines in, JSON lines out; exit 2 when a line could not be read. */
import { createInterface } from 'node:readline'
import { explainLine } from '../app/explain.ts'
import { loadPolicy } from '../app/policies.ts'
import { loadSql } from '../classify/sql/read.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: [
    'firebreak explain < questions.jsonl        {"id":1,"kind":"graphql","platform":"railway","text":"mutation { volumeDelete(volumeId: \\"v\\") }"}',
  ],
  run: async (args) => {
    parse(args, {})
    const policy = await loadPolicy(null)
    await loadSql()
    let code: number = exits.done
    for await (const line of createInterface({
      input: process.stdin,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (line.trim() === '') continue
      const { line: answer, ok } = explainLine(line, policy)
      if (!ok) code = exits.usage
      process.stdout.write(`${JSON.stringify(answer)}\n`)
    }
    return code
  },
}
