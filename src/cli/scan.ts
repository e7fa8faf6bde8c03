/** `firebreak scan`: every credential that an agent at work here could find; exit 1 while one lies about. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { ignoredIn, keepIgnored } from '../app/ignore-file.ts'
import { reachOf } from '../app/reach.ts'
import { scan, sources } from '../app/scan.ts'
import type { Scanned, Where } from '../app/scan.ts'
import { aboutId, liveOf } from '../app/scan-live.ts'
import type { Live } from '../app/scan-live.ts'
import { version } from '../app/version.ts'
import { idUnder } from '../scan/find.ts'
import { inForce, isDay } from '../scan/ignore.ts'
import { isRadiusId } from '../scan/radius-findings.ts'
import { calledNames } from '../scan/reach/known.ts'
import { sarifOf } from '../scan/sarif.ts'
import type { Told } from '../scan/sarif.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import type { Io } from './io.ts'
import { ownPoints } from './scan-kept.ts'
import { tellLive } from './scan-live.ts'
import { placeOf, tell, tellRest } from './scan-told.ts'
import { watchFolder } from './scan-watch.ts'
import { sayBytes, word } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak scan [FOLDER] [--only SOURCE]... [--low] [--sarif FILE]',
    'firebreak scan [FOLDER] --staged',
    'firebreak scan [FOLDER] --accept ID... --reason TEXT [--until YYYY-MM-DD]',
    `  SOURCE is one of ${sources.join(', ')}; FOLDER is the current one`,
    'firebreak scan [FOLDER] --watch [--only checkout|home]   stays, and tells what turns up and what comes back',
    'firebreak scan [FOLDER] --live [--instead PLATFORM=URL]...   asks each platform what its credential can do: reads only',
    '  --config FILE: with `--live`, recovery points of that Firebreak count as copies',
  ],
  run: async (args, io) => {
    const asked = parse(args, {
      only: { type: 'string', multiple: true },
      staged: { type: 'boolean' },
      low: { type: 'boolean' },
      live: { type: 'boolean' },
      config: { type: 'string' },
      watch: { type: 'boolean' },
      instead: { type: 'string', multiple: true },
      sarif: { type: 'string' },
      accept: { type: 'string', multiple: true },
      reason: { type: 'string' },
      until: { type: 'string' },
    })
    const [folder = '.', ...others] = asked.positionals
    if (others.length > 0) throw usage(`one folder at a time: \`${others[0]}\` is one too many`)
    const instead = insteadOf(asked)
    if (asked.text('config') !== null && !asked.flag('live'))
      throw usage('`--config` goes with `--live`')
    if (asked.flag('watch')) return await watchFolder(folder, asked, io)
    const looked = await look(folder, whereOf(asked), io)
    const live = asked.flag('live') ? await askAll(looked, { folder, asked, io, instead }) : null
    const scanned = { ...looked, stale: staleOf(looked, live) }
    if (asked.list('accept').length > 0) return accept(folder, asked, { scanned, live, io })
    const sarif = asked.text('sarif')
    if (sarif !== null)
      writeFileSync(sarif, `${JSON.stringify(sarifOf(scanned.told, version(), sarifLive(live)))}\n`)
    io.give(jsonOf(scanned, live))
    if (live === null) tell(io, scanned, asked.flag('low'))
    else {
      tellLive(io, live)
      tellRest(io, scanned, asked.flag('low'))
    }
    return isOpen(scanned, live, asked.flag('low')) ? exits.findings : exits.done
  },
}

/** What is dead opens nothing; all else stays a finding until it is gone or accepted. */
function isOpen({ told }: Scanned, live: Live | null, low: boolean): boolean {
  const dead = new Set(
    live?.credentials.flatMap(({ outcome, finding }) => (outcome === null ? [finding.id] : [])),
  )
  return (
    told.some((each) => counts(each, low) && !dead.has(each.finding.id)) ||
    (live?.about.some(({ accepted }) => accepted === null) ?? false)
  )
}

interface Asking {
  readonly folder: string
  readonly asked: Parsed
  readonly io: Io
  readonly instead: ReadonlyMap<string, string>
}

/** What reaches little is asked about only where it is wanted. */
async function askAll({ told }: Scanned, { folder, asked, io, instead }: Asking): Promise<Live> {
  const wanted = told.filter(({ finding }) => asked.flag('low') || finding.weight !== 'low')
  const points = await ownPoints(asked, io)
  const reached = await reachOf(
    wanted.map(({ finding }) => finding),
    {
      instead,
      kept: points,
      progress: (done, of) => io.live?.(done === of ? '' : `asked ${done} of ${of}`),
      place: ({ places: [first] }) => (first === undefined ? '' : placeOf(first)),
      before: (lines) => {
        if (lines.length > 0) io.note('asking, reads only; each credential goes to its own host:')
        for (const line of lines) io.note(`  ${word(line)}`)
      },
    },
  )
  const { salt, accepted } = ignoredIn(folder)
  return liveOf(wanted, reached, { salt, accepted: inForce(accepted, today()) })
}

/** What was accepted about the whole is met only where platforms were asked. */
function staleOf({ stale }: Scanned, live: Live | null): Scanned['stale'] {
  const met = new Set(live?.about.map(({ id }) => id))
  return stale.filter(({ id }) => !isRadiusId(id) || (live !== null && !met.has(id)))
}

/** INVARIANT (own host): a rehearsal is on this machine; a credential is led nowhere else. */
function insteadOf({ list, flag }: Parsed): ReadonlyMap<string, string> {
  const asked = list('instead')
  if (asked.length > 0 && !flag('live')) throw usage('`--instead` goes with `--live`')
  return new Map(
    asked.map((text) => {
      const [, name = '', url = ''] = /^([a-z]{2,30})=(.*)$/.exec(text) ?? []
      if (!/^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/.test(url))
        throw usage(
          `\`--instead ${word(text)}\`: it is a platform and a rehearsal on this machine, \`railway=http://127.0.0.1:4500\``,
        )
      // With a slip in the name the platform itself would get the credential.
      if (!calledNames().includes(name))
        throw usage(`\`--instead ${name}\`: it is one of ${calledNames().join(', ')}`)
      return [name, url] as const
    }),
  )
}

const sarifLive = (live: Live | null): Parameters<typeof sarifOf>[2] =>
  live === null
    ? undefined
    : {
        about: live.about,
        credentials: new Map(live.credentials.map((each) => [each.finding.id, each])),
      }

const today = (): string => new Date().toISOString().slice(0, 10)

const counts = ({ finding, accepted }: Told, low: boolean): boolean =>
  accepted === null && (low || finding.weight !== 'low')

async function look(folder: string, where: readonly Where[], io: Io): Promise<Scanned> {
  const scanned = await scan(folder, {
    where,
    today: today(),
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
const jsonOf = ({ told, ...rest }: Scanned, live: Live | null): unknown => ({
  findings: told.map(({ finding: { id, rule, provider, masked, weight, places }, accepted }) => ({
    id,
    rule,
    provider,
    masked,
    weight,
    places,
    accepted,
    ...reachJson(live, id),
  })),
  ...(live === null
    ? {}
    : {
        radius: {
          findings: live.about,
          graph: live.graph,
        },
      }),
  ...rest,
})

function reachJson(live: Live | null, id: string): object {
  const found = live?.credentials.find(({ finding }) => finding.id === id)
  if (found === undefined) return {}
  const { outcome, isKnown, sentence, fix, who, operations, unknown } = found
  return { reach: { class: outcome, isKnown, sentence, fix, who, operations, unknown } }
}

interface Accepting {
  readonly scanned: Scanned
  readonly live: Live | null
  readonly io: Io
}

/** Writes down what was accepted; the first time a salt is drawn, and ids are of it from then on. */
function accept(folder: string, { list, text }: Parsed, { scanned, live, io }: Accepting): number {
  const reason = text('reason')?.replaceAll(/\s+/g, ' ').trim() ?? ''
  if (reason === '')
    throw usage('`--accept` goes with a reason: `--reason "revoked, kept for a test"`')
  const day = today()
  const until = text('until')
  if (until !== null && (!isDay(until) || until < day))
    throw usage(`\`--until ${word(until)}\`: it is a day from today on, \`${day}\``)
  const { salt, accepted } = ignoredIn(folder)
  const newSalt = salt === '' ? randomBytes(16).toString('hex') : salt
  const added = list('accept').map((id) => {
    return { id: newId(id, newSalt, { scanned, live }), day, until, reason, line: 0 }
  })
  const known = new Set(inForce(accepted, day).map(({ id }) => id))
  const fresh = added.filter(({ id }) => !known.has(id))
  // What is accepted anew takes the place of what had ended.
  const kept = accepted.filter(({ id }) => !fresh.some((each) => each.id === id))
  keepIgnored(folder, { salt: newSalt, accepted: [...kept, ...fresh] })
  for (const { id } of fresh) io.say(`accepted: ${id}`)
  io.give({ accepted: fresh.map(({ id }) => id) })
  return exits.done
}

/** The id that a finding goes by under the salt that is drawn now. */
function newId(id: string, salt: string, { scanned, live }: Omit<Accepting, 'io'>): string {
  const foundBy = (wanted: string | null): Told | undefined =>
    scanned.told.find(({ finding }) => finding.id === wanted)
  const told = foundBy(id)
  if (told !== undefined) return idUnder(salt, told.finding.found)
  const about = live?.about.find((each) => each.id === id)
  if (about === undefined)
    throw usage(
      `no finding has the id \`${id}\`${isRadiusId(id) && live === null ? ': it goes with `--live`' : ''}`,
    )
  const own = foundBy(about.finding)
  return aboutId(
    { ...about, subject: subjectUnder(salt, about.subject, scanned.told) },
    salt,
    own === undefined ? '' : idUnder(salt, own.finding.found),
  )
}

/** What it is about may be told from another by the id of the credential that reaches it, and that id changes with the salt. */
function subjectUnder(salt: string, subject: string, told: readonly Told[]): string {
  return told.reduce(
    (text, { finding }) =>
      text.includes(finding.id) ? text.replaceAll(finding.id, idUnder(salt, finding.found)) : text,
    subject,
  )
}
