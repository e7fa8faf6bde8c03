/** The rehearsal's MCP server as a process: `node sim/mcp/stdio.ts`. What reaches it is put down in the file that `CALLS` names. */
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { answer } from './answer.ts'
import { openStore } from './store.ts'

const store = openStore()
if (process.env['WORDS'] !== undefined) store.words = process.env['WORDS']
const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
createInterface({ input: process.stdin }).on('line', (line) => {
  const before = store.calls.length
  const said = answer(store, JSON.parse(line), say)
  const file = process.env['CALLS']
  if (file !== undefined)
    for (const each of store.calls.slice(before)) appendFileSync(file, `${JSON.stringify(each)}\n`)
  if (said !== null) say(said)
})
