/** `firebreak policy show` and `shadow`: the rules as people read them, and what they would have stopped. */
import { withLog } from '../app/archive.ts'
import { loadPolicy } from '../app/policies.ts'
import { shadowResults, toldRules } from '../app/policy-told.ts'
import type { Shadowed, ShadowResults } from '../app/policy-told.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { configOf } from './daemon.ts'
import type { Io } from './io.ts'
import { table, visible, word } from './table.ts'

/** What each rule is for and asks for, or one of them with its text. */
export async function showPolicy(parsed: Parsed, io: Io): Promise<number> {
  const rules = toldRules((await loadPolicy(configOf(parsed).policies ?? null)).rules)
  const [id = null, ...more] = parsed.positionals
  const chosen = id === null ? rules : rules.filter((rule) => rule.id === id)
  if (chosen.length === 0 || more.length > 0) throw usage(`there is no rule \`${id ?? ''}\``)
  for (const line of table(
    chosen.map((rule) => [rule.id, rule.set, word([rule.says, ...rule.asks].join('; '))]),
    'no rules',
  ))
    io.say(line)
  if (id !== null) for (const { text } of chosen) io.say(`\n${visible(text)}`)
  io.give(chosen)
  return exits.done
}

/** All of the ledger, a stretch at a time; each has its own lines, since the newest counts most. */
export async function showShadow(parsed: Parsed, io: Io): Promise<number> {
  const config = configOf(parsed)
  return await withLog(config, async (log) => {
    const all: ShadowResults[] = []
    let before: number | null = null
    do {
      const stretch: ShadowResults = await shadowResults(log, before)
      all.push(stretch)
      before = stretch.next
    } while (before !== null)
    for (const line of table(
      all.flatMap(({ rules }) => rules).map(shadowLine),
      config.mode === 'shadow'
        ? 'nothing that a rule would stop has come by'
        : 'nothing was let pass: `mode: shadow` in the config lets all pass and writes down what would be refused',
    ))
      io.say(line)
    io.give(all)
    return exits.done
  })
}

function shadowLine({ rule, held, denied, agents, operations, entry }: Shadowed): string[] {
  const stopped = `${held} held, ${denied} refused`
  return [rule, stopped, word(agents.join(', ')), word(operations.join(', ')), `newest [${entry}]`]
}
