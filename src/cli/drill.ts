/** `firebreak drill`: a recovery point counts when it has been restored once. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { sayDuration } from '../app/duration.ts'
import { fetchPrograms } from '../app/fetch-programs.ts'
import { scratchOf } from '../app/recovery.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { call, configOf, daemonOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { progressOf, watched } from './progress.ts'
import { visible, word } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak drill POINT',
    "firebreak drill --fetch MAJOR   PostgreSQL's programs from npm, where the machine has none",
  ],
  run: async (args, io) => {
    const parsed = parse(args, { ...daemonOptions, fetch: { type: 'string' } })
    const wanted = parsed.text('fetch')
    if (wanted !== null) {
      if (!/^\d{1,2}$/.test(wanted)) throw usage(`\`${wanted}\` is no major version`)
      const home = await fetchPrograms(Number(wanted), scratchOf(configOf(parsed)))
      io.say(`PostgreSQL ${wanted} for drills is in ${home}`)
      return exits.done
    }
    const id = first(parsed, 'POINT')
    const result = await watched(io, `restoring ${id}`, progressOf(parsed, id), () =>
      call(parsed, 'vault-drill', { id }),
    )
    io.give(result)
    return tellDrill(io, id, isObject(result) ? result : {})
  },
}

/** The one command that helps, whole, so that it can be copied. */
export function tellInstead(io: Io, command: Json | undefined): void {
  if (typeof command !== 'string') return
  io.say('it lies in the second place too; this brings it back from there:')
  io.say(`  ${visible(command)}`)
}

/** What came of it, for a person; the exit code. */
export function tellDrill(io: Io, id: string, drill: JsonObject): number {
  const list = (name: string): readonly string[] => {
    const lines = drill[name]
    return Array.isArray(lines) ? lines.map(word) : []
  }
  for (const line of list('lacks')) io.note(`not in it: ${line}`)
  for (const line of list('notes')) io.note(line)
  if (drill['passed'] === true) {
    const [rpo, rto] = [Number(drill['rpoMs']), Number(drill['rtoMs'])].map(sayDuration)
    const files = drill['files']
    const what =
      typeof files === 'number'
        ? `${files} files`
        : `${word(drill['tables'])} tables, ${word(drill['rows'])} rows`
    io.say(`passed: ${what}, the same as they were`)
    io.say(`${rpo} old; restored and compared in ${rto}`)
    return exits.done
  }
  io.say(`FAILED: ${id} does not bring back what was taken`)
  for (const line of list('wrong').slice(0, 20)) io.say(`  ${line}`)
  io.say(
    `the last good one: ${drill['lastGood'] === null ? 'none is known' : word(drill['lastGood'])}`,
  )
  tellInstead(io, drill['instead'])
  return exits.findings
}
