/** `firebreak scan --watch` as a person reads it, and as a program does: a line for each credential that turns up, comes back or is gone. */
import { watchScan } from '../app/scan-watch.ts'
import type { Sight } from '../app/scan-watch.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'
import { placeOf, shownOfFinding, whatOf } from './scan-told.ts'
import { word } from './table.ts'

/** Until Ctrl-C. */
export async function watchFolder(folder: string, asked: Parsed, io: Io): Promise<number> {
  for (const other of ['live', 'staged', 'fix'])
    if (asked.flag(other))
      throw usage(`\`--watch\` asks nobody and stays: leave \`--${other}\` out`)
  const low = asked.flag('low')
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const each of signals) process.once(each, end)
  try {
    await watchScan(folder, {
      sources: sourcesOf(asked),
      signal: ended.signal,
      begun: (there, { files }) => {
        const counted = there.filter(({ weight }) => low || weight !== 'low')
        io.note(
          `watching ${word(folder)}: ${files} files, ${counted.length} credentials there already (\`firebreak scan\` names them); Ctrl-C ends it`,
        )
        io.give({ event: 'watching', files, credentials: counted.length })
      },
      told: (sight) => {
        if (sight.isAccepted || (!low && sight.finding.weight === 'low')) return
        io.say(lineOf(io, sight))
        io.give(jsonOf(sight))
      },
      trouble: (lines) => {
        for (const line of lines) io.note(`not looked at: ${word(line)}`)
      },
    })
  } finally {
    for (const each of signals) process.removeListener(each, end)
  }
  return exits.done
}

function sourcesOf(asked: Parsed): readonly ('checkout' | 'home')[] {
  const all = ['checkout', 'home'] as const
  const only = asked.list('only')
  const other = only.find((each) => !all.some((source) => source === each))
  if (other !== undefined)
    throw usage(`\`--watch\` looks at checkout and home, not at \`${word(other)}\``)
  return only.length === 0 ? all : all.filter((source) => only.includes(source))
}

const words = { came: 'NEW', back: 'BACK', gone: 'gone' } as const
const tones = { came: 'red', back: 'red', gone: 'dim' } as const

function lineOf(io: Io, { event, finding }: Sight): string {
  const { places, id } = finding
  const [first] = places
  const where = first === undefined ? '' : placeOf(first)
  return `${paint(io, tones[event], words[event])}  ${where}  ${whatOf(finding).join('  ')}  id ${id}`
}

const jsonOf = ({ event, finding }: Sight): unknown => ({
  event,
  at: new Date().toISOString(),
  ...shownOfFinding(finding),
})
