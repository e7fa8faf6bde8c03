/** The way from each finding of a scan to its remedy, the worst first: steps in words, with the exact command where there is one. Does nothing of it. */
import { plain } from '../base/plain.ts'
import type { Finding, Met } from '../scan/merged.ts'
import { byOutcome } from '../scan/radius-findings.ts'
import type { Told } from '../scan/sarif.ts'
import { byHand } from './rotate/by-hand.ts'
import { forms } from './rotate/seen.ts'
import type { Live, LiveAbout, LiveCredential } from './scan-live.ts'
import type { Prepared } from './setup/prepare.ts'

export interface FixStep {
  readonly say: string
  /** The words of the command; null where it is done by hand. */
  readonly command: readonly string[] | null
}

export interface Fix {
  readonly id: string
  /** Null for one about things, which no credential is. */
  readonly finding: Finding | null
  /** What is wrong, in one line. */
  readonly title: string
  /** `init`: Firebreak takes it into custody. `hand`: a person does it. */
  readonly way: 'init' | 'hand'
  readonly steps: readonly FixStep[]
  /** What accepts it instead. */
  readonly accept: readonly string[]
}

export interface FixHouse {
  readonly folder: string
  readonly config: string
  /** What `firebreak init` would do here; null where it could not say. */
  readonly prepared: Pick<Prepared, 'plan'> | null
  /** Passwords of `~/.pgpass` go into custody too. */
  readonly home: boolean
  /** Options of the scan that a second one needs to find the same. */
  readonly again: readonly string[]
  /** A day on which an acceptance may well end. */
  readonly until: string
}

/** `told`: what is open, the worst first; what was accepted, and what goes with another finding, is left out. */
export function fixesOf(told: readonly Told[], live: Live | null, house: FixHouse): readonly Fix[] {
  if (live === null)
    return saidOnce(told.filter(isOpen).map(({ finding }) => ofFinding(finding, null, house)))
  const all = [...live.credentials, ...live.about.filter(({ finding }) => finding === null)]
  return saidOnce(
    all
      .filter(isOpen)
      .toSorted(byOutcome)
      .map((one) => ('sentence' in one ? ofFinding(one.finding, one, house) : ofThing(one, house))),
  )
}

/** One `init` does it for all: its command stands with the first. */
function saidOnce(fixes: readonly Fix[]): readonly Fix[] {
  const first = fixes.findIndex(({ way }) => way === 'init')
  const later = (step: FixStep): FixStep =>
    step.command?.[1] === 'init'
      ? { say: `with the \`firebreak init\` of ${first + 1}: ${step.say}`, command: null }
      : step
  return fixes.map((one, at) => (at === first ? one : { ...one, steps: one.steps.map(later) }))
}

const isOpen = ({ accepted }: { readonly accepted: unknown }): boolean => accepted === null

function ofThing({ id, message, fix }: LiveAbout, house: FixHouse): Fix {
  const steps = [{ say: fix, command: null }]
  return { id, finding: null, title: message, way: 'hand', steps, accept: acceptOf(id, house) }
}

function ofFinding(finding: Finding, live: LiveCredential | null, house: FixHouse): Fix {
  const { id, provider, rule } = finding
  const title =
    live?.sentence ??
    `a credential of ${provider === 'unknown' ? `nobody that is known (${rule})` : provider}`
  const isDead = live !== null && live.outcome === null
  const target = isDead ? null : targetOf(finding, house)
  const way = target === null ? ('hand' as const) : ('init' as const)
  const steps = isDead
    ? takenOut(finding.places, 'it opens nothing any more')
    : target === null
      ? byHandSteps(finding)
      : [...throughInit(finding, target, house), ...elsewhere(finding, house)]
  return { id, finding, title, way, steps, accept: acceptOf(id, house) }
}

type Target = Prepared['plan']['targets'][number]

/** The target that `init` would make of it. */
function targetOf({ found, places }: Finding, { prepared }: FixHouse): Target | null {
  if (!places.some(({ source }) => source === 'checkout' || source === 'home')) return null
  const own = forms(found.secret.reveal())
  return (
    prepared?.plan.targets.find(({ secret }) => own.some((form) => form === secret?.reveal())) ??
    null
  )
}

function throughInit(
  { provider }: Finding,
  { name, entry }: Target,
  { config, home }: FixHouse,
): readonly FixStep[] {
  const platform: unknown = Reflect.get(entry, 'platform')
  const rotates = platform === 'postgres' || platform === 'railway'
  const at = ['--config', config]
  return [
    {
      say: `put it into custody as \`${name}\`, and lead what uses it through Firebreak with a grant (it shows what it would write, and asks)`,
      command: ['firebreak', 'init', ...(home ? ['--home'] : []), ...at],
    },
    ...(rotates
      ? [
          {
            say: 'make it new at its platform, so that what was read opens nothing (it says who else uses the old one, and asks)',
            command: ['firebreak', 'custody', 'rotate', name, ...at],
          },
        ]
      : [
          { say: `make another: ${byHand(provider)}`, command: null },
          {
            say: 'hand the new one over, by stdin',
            command: ['firebreak', 'custody', 'add', name, ...at],
          },
        ]),
  ]
}

/** Places that `init` leaves as they are. */
function elsewhere({ places }: Finding, { prepared }: FixHouse): readonly FixStep[] {
  const stays = prepared?.plan.stays ?? []
  const left = places.filter(
    ({ source, at }) =>
      source !== 'checkout' ||
      stays.some(({ file, line }) => file.endsWith(`/${at.file}`) && line === at.line),
  )
  return left.length === 0 ? [] : takenOut(left, 'where it stands besides')
}

function byHandSteps({ provider, places }: Finding): readonly FixStep[] {
  return [
    { say: `make another, and revoke this one: ${byHand(provider)}`, command: null },
    ...takenOut(places, 'it is revoked by then'),
  ]
}

/** Each kind of place once. */
function takenOut(places: readonly Met[], why: string): readonly FixStep[] {
  const of = (...sources: readonly Met['source'][]): readonly string[] =>
    places
      .filter(({ source }) => sources.includes(source))
      .map(({ at }) => `${plain(at.file)}:${at.line}`)
  const files = of('checkout', 'home', 'shell-history', 'staged')
  const said = (say: string): FixStep => ({ say, command: null })
  return [
    ...(files.length === 0 ? [] : [said(`take it out of ${listed(files)}: ${why}`)]),
    ...(of('environment', 'process').length === 0
      ? []
      : [
          said(
            'unset it where programs start with it, and start agents by `firebreak run -- AGENT`',
          ),
        ]),
    ...(of('history').length === 0
      ? []
      : [said('it stays in the history of whoever has it: once it is dead, accept it')]),
  ]
}

const mostListed = 5

function listed(places: readonly string[]): string {
  const more = places.length - mostListed
  return `${places.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const acceptOf = (id: string, { folder, again, until }: FixHouse): readonly string[] => [
  'firebreak',
  'scan',
  folder,
  ...again,
  '--accept',
  id,
  '--reason',
  'WHY',
  '--until',
  until,
]
