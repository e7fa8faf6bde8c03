/** `firebreak scan`: every credential that an agent at work here could find; exit 1 while one lies about. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ignoredIn, scan, sources } from '../app/scan.ts'
import type { Scanned, Where } from '../app/scan.ts'
import { version } from '../app/version.ts'
import { idUnder } from '../scan/find.ts'
import { ignoreFile, writeIgnored } from '../scan/ignore.ts'
import { sarifOf } from '../scan/sarif.ts'
import type { Told } from '../scan/sarif.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import type { Io } from './io.ts'
import { tell } from './scan-told.ts'
import { sayBytes } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak scan [FOLDER] [--only SOURCE]... [--low] [--sarif FILE]',
    'firebreak scan [FOLDER] --staged',
    'firebreak scan [FOLDER] --accept ID... --reason TEXT',
    `  SOURCE is one of ${sources.join(', ')}; FOLDER is the current one`,
  ],
  run: async (args, io) => {
    const asked = parse(args, {
      only: { type: 'string', multiple: true },
      staged: { type: 'boolean' },
      low: { type: 'boolean' },
      sarif: { type: 'string' },
      accept: { type: 'string', multiple: true },
      reason: { type: 'string' },
    })
    const [folder = '.', ...others] = asked.positionals
    if (others.length > 0) throw usage(`one folder at a time: \`${others[0]}\` is one too many`)
    const scanned = await look(folder, whereOf(asked), io)
    if (asked.list('accept').length > 0) return accept(folder, asked, { scanned, io })
    const sarif = asked.text('sarif')
    if (sarif !== null)
      writeFileSync(sarif, `${JSON.stringify(sarifOf(scanned.told, version()))}\n`)
    io.give(jsonOf(scanned))
    tell(io, scanned, asked.flag('low'))
    return scanned.told.some((each) => counts(each, asked.flag('low')))
      ? exits.findings
      : exits.done
  },
}

const counts = ({ finding, accepted }: Told, low: boolean): boolean =>
  accepted === null && (low || finding.weight !== 'low')

async function look(folder: string, where: readonly Where[], io: Io): Promise<Scanned> {
  const scanned = await scan(folder, {
    where,
    progress: (files, bytes) => io.live?.(`${files} files, ${sayBytes(bytes)}`),
  })
  io.live?.('')
  return scanned
}

function whereOf({ list, flag }: Parsed): readonly Where[] {
  const asked = list('only')
  if (flag('staged') && asked.length > 0)
    throw usage('`--staged` looks at nothing else: leave `--only` out')
  if (flag('staged')) return ['staged']
  const unknown = asked.find((each) => !sources.some((source) => source === each))
  if (unknown !== undefined)
    throw usage(`\`--only ${unknown}\`: it is one of ${sources.join(', ')}`)
  return asked.length === 0 ? sources : sources.filter((source) => asked.includes(source))
}

/** Nothing in it is a secret. */
const jsonOf = ({ told, ...rest }: Scanned): unknown => ({
  findings: told.map(({ finding: { id, rule, provider, masked, weight, places }, accepted }) => ({
    id,
    rule,
    provider,
    masked,
    weight,
    places,
    accepted,
  })),
  ...rest,
})

interface Accepting {
  readonly scanned: Scanned
  readonly io: Io
}

/** Writes down what was accepted; the first time a salt is drawn, and ids are of it from then on. */
function accept(folder: string, { list, text }: Parsed, { scanned, io }: Accepting): number {
  const reason = text('reason')?.replaceAll(/\s+/g, ' ').trim() ?? ''
  if (reason === '')
    throw usage('`--accept` goes with a reason: `--reason "revoked, kept for a test"`')
  const { salt, accepted } = ignoredIn(folder)
  const newSalt = salt === '' ? randomBytes(16).toString('hex') : salt
  const day = new Date().toISOString().slice(0, 10)
  const added = list('accept').map((id) => {
    const told = scanned.told.find(({ finding }) => finding.id === id)
    if (told === undefined) throw usage(`no finding has the id \`${id}\``)
    return { id: idUnder(newSalt, told.finding.found), day, reason, line: 0 }
  })
  const known = new Set(accepted.map(({ id }) => id))
  const fresh = added.filter(({ id }) => !known.has(id))
  writeFileSync(
    join(folder, ignoreFile),
    writeIgnored({ salt: newSalt, accepted: [...accepted, ...fresh] }),
  )
  for (const { id } of fresh) io.say(`accepted: ${id}`)
  io.give({ accepted: fresh.map(({ id }) => id) })
  return exits.done
}
