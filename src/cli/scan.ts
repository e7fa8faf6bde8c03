/** `firebreak scan`: every credential that an agent at work here could find; exit 1 while one lies about. */
import { environment } from '../app/environment.ts'
import { ignoredIn, today } from '../app/ignore-file.ts'
import { reachOf } from '../app/reach.ts'
import { scan, sources } from '../app/scan.ts'
import type { Scanned, Where } from '../app/scan.ts'
import { liveOf } from '../app/scan-live.ts'
import type { Live } from '../app/scan-live.ts'
import { inForce } from '../scan/ignore.ts'
import { isRadiusId } from '../scan/radius-findings.ts'
import { calledNames } from '../scan/reach/known.ts'
import type { Told } from '../scan/sarif.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import type { Io } from './io.ts'
import { accept } from './scan-accept.ts'
import { fix } from './scan-fix.ts'
import type { Mended, Whole } from './scan-fix.ts'
import { ownPoints } from './scan-kept.ts'
import { tellLive } from './scan-live.ts'
import { placeOf, shownOfFinding, tell, tellRest } from './scan-told.ts'
import { watchFolder } from './scan-watch.ts'
import { writeOut } from './scan-written.ts'
import { sayBytes, word } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak scan [FOLDER] [--only SOURCE]... [--low] [--sarif FILE] [--svg FILE] [--html FILE]',
    'firebreak scan [FOLDER] --staged',
    'firebreak scan [FOLDER] --accept ID... --reason TEXT [--until YYYY-MM-DD]',
    `  SOURCE is one of ${sources.join(', ')}; FOLDER is the current one`,
    'firebreak scan [FOLDER] --watch [--only checkout|home]   stays, and tells what turns up and what comes back',
    'firebreak scan [FOLDER] --live [--instead PLATFORM=URL]...   asks each platform what its credential can do: reads only',
    'firebreak scan [FOLDER] --fix [--live] [--config FILE]   leads from each finding to its remedy; without a terminal the commands, in order',
    '  --config FILE: with `--live`, recovery points of that Firebreak count as copies',
  ],
  run: async (args, io) => {
    const asked = parse(args, {
      only: { type: 'string', multiple: true },
      staged: { type: 'boolean' },
      low: { type: 'boolean' },
      live: { type: 'boolean' },
      fix: { type: 'boolean' },
      config: { type: 'string' },
      watch: { type: 'boolean' },
      instead: { type: 'string', multiple: true },
      sarif: { type: 'string' },
      svg: { type: 'string' },
      html: { type: 'string' },
      accept: { type: 'string', multiple: true },
      reason: { type: 'string' },
      until: { type: 'string' },
    })
    const [folder = '.', ...others] = asked.positionals
    if (others.length > 0) throw usage(`one folder at a time: \`${others[0]}\` is one too many`)
    const instead = insteadOf(asked)
    if (asked.text('config') !== null && !asked.flag('live') && !asked.flag('fix'))
      throw usage('`--config` goes with `--live` or `--fix`')
    if (asked.flag('watch')) return await watchFolder(folder, asked, io)
    const whole = async (): Promise<Whole> => await lookWhole(folder, { asked, io, instead })
    const { scanned, live } = await whole()
    if (asked.list('accept').length > 0) {
      const [reason, until] = [asked.text('reason'), asked.text('until')]
      return accept(folder, { ids: asked.list('accept'), reason, until }, { scanned, live, io })
    }
    if (asked.flag('fix'))
      return ended(await fix(folder, { asked, io, whole, first: { scanned, live } }), asked, io)
    return ended({ scanned, live, plan: null }, asked, io)
  },
}

/** All of one look: told, written, and the exit code that it comes to. */
function ended({ scanned, live, plan }: Mended, asked: Parsed, io: Io): number {
  const low = asked.flag('low')
  writeOut(asked, { scanned, live })
  io.give({ ...jsonOf(scanned, live), ...plan })
  // What the plan has told is not told again.
  if (plan !== null) tellRest(io, scanned, low)
  else if (live === null) tell(io, scanned, low)
  else {
    tellLive(io, live)
    tellRest(io, scanned, low)
  }
  return isOpen(scanned, live, low) ? exits.findings : exits.done
}

async function lookWhole(
  folder: string,
  { asked, io, instead }: Omit<Asking, 'folder'>,
): Promise<Whole> {
  const looked = await look(folder, whereOf(asked), io)
  const live = asked.flag('live') ? await askAll(looked, { folder, asked, io, instead }) : null
  return { scanned: { ...looked, stale: staleOf(looked, live) }, live }
}

/** What is dead opens nothing; all else, what was not looked at too, stays a finding until it is gone or accepted. */
function isOpen({ told, unreadable }: Scanned, live: Live | null, low: boolean): boolean {
  const dead = new Set(
    live?.credentials.flatMap(({ outcome, finding }) => (outcome === null ? [finding.id] : [])),
  )
  return (
    told.some((each) => counts(each, low) && !dead.has(each.finding.id)) ||
    unreadable.some(({ id, accepted }) => id !== null && accepted === null) ||
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
  // INVARIANT (secret-stays): Node itself would write what is sent.
  if (environment('NODE_DEBUG') !== null)
    throw usage(
      'with NODE_DEBUG set, each credential that is asked about would be written down: unset it',
    )
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
const jsonOf = ({ told, ...rest }: Scanned, live: Live | null): object => ({
  findings: told.map(({ finding, accepted }) => ({
    ...shownOfFinding(finding),
    accepted,
    ...reachJson(live, finding.id),
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
