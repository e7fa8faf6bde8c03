/** Finds the credentials in a text, in the files under a folder, in a home's known places, and among variables. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../base/secret.ts'
import { FirebreakError } from '../base/error.ts'
import { eye } from './eye.ts'
import { openFileReader, usualBounds } from './file.ts'
import type { FileBounds, Outcome } from './file.ts'
import type { Found, Source, Unreadable } from './found.ts'
import { homePlaces, isChaff } from './home.ts'
import { openReader } from './placed.ts'
import type { Placed } from './placed.ts'
import { rules } from './rules/all.ts'
import { idOf, mask } from './shown.ts'
import { readAll } from './under.ts'
import type { Read } from './under.ts'
import { walk } from './walk.ts'
import type { Step } from './walk.ts'

export type { Found, Source, Unreadable } from './found.ts'

export interface FindOptions extends FileBounds {
  readonly source: Source
  /** Keeps ids from being compared between places that do not know each other's salt; the same salt gives the same ids. */
  readonly salt: string
  /** True for what is not to be looked into: a path under the root, with `/`. */
  readonly skip: (shown: string) => boolean
  /** So many threads read the files of a large folder; one: none but this. */
  readonly threads: number
  /** Called once for each file that was looked at, so that somebody can show how far it is. */
  readonly seen: (outcome: Outcome['kind'], bytes: number) => void
}

export const usual: FindOptions = {
  source: 'checkout',
  salt: '',
  ...usualBounds,
  skip: () => false,
  threads: 1,
  seen: () => {},
}

/** What stands in one text; `file` is where it came from, and tells which rules are for it. */
export function findIn(
  text: string,
  file: string,
  options: Partial<FindOptions> = {},
): readonly Found[] {
  const { placed } = openReader(eye(), file).take(Buffer.from(text), true)
  return placed.map((each) => foundOf(each, { ...usual, ...options }))
}

/** What stands in the files under a folder, ignored ones too, file by file; and what could not be looked at. */
export async function* findUnder(
  root: string,
  options: Partial<FindOptions> = {},
): AsyncGenerator<Found | Unreadable> {
  const all = { ...usual, ...options }
  const bounds = boundsOf(all)
  const reader = openFileReader(eye(), bounds)
  for await (const read of readAll(walk(root, all.skip), { reader, threads: all.threads, bounds }))
    yield* told(read, all)
}

/** What the command lines, editors, agents and shells of a person keep in the home; `shown` begins with `~/`. */
export async function* findAtHome(
  home: string,
  options: Partial<FindOptions> = {},
): AsyncGenerator<Found | Unreadable> {
  const bounds = boundsOf({ ...usual, ...options })
  const reader = openFileReader(eye(), bounds)
  for (const { path, source } of homePlaces) {
    const all = { ...usual, ...options, source }
    const steps = stepsAt(home, path)
    for await (const read of readAll(steps, { reader, threads: 1, bounds })) yield* told(read, all)
  }
}

/** What stands among variables, as a process has them; the place is the variable. */
export function findAmong(
  variables: Readonly<Record<string, string | undefined>>,
  options: Partial<FindOptions> = {},
): readonly Found[] {
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  return lines.flatMap((line) => findIn(line, 'environment', { source: 'environment', ...options }))
}

/** What may go to another thread. */
const boundsOf = ({ maxFileBytes, maxBlockMs }: FileBounds): FileBounds => ({
  maxFileBytes,
  maxBlockMs,
})

/** The files at one of those places. */
export function* stepsAt(home: string, path: string): Generator<Step> {
  const top = `~/${path}`
  try {
    // A link in a home leads where its owner keeps the file: it is followed.
    if (statSync(join(home, path)).isFile())
      yield { kind: 'file', path: join(home, path), shown: top }
    else
      for (const step of walk(join(home, path), isChaff))
        yield { ...step, shown: `${top}/${step.shown}` }
  } catch {
    // Most of these places are not there.
  }
}

function* told({ step, outcome }: Read, all: FindOptions): Generator<Found | Unreadable> {
  if (step.kind === 'unreadable') yield { unreadable: step.shown, why: step.why }
  if (outcome === null) return
  all.seen(outcome.kind, outcome.kind === 'read' ? outcome.bytes : 0)
  if (outcome.kind !== 'binary') for (const each of outcome.placed) yield foundOf(each, all)
  if (outcome.kind === 'unreadable') yield { unreadable: step.shown, why: outcome.why }
}

/** A finding of what was seen and where. */
export function foundOf(
  { rank, secret, within, name, provider, at }: Placed,
  { salt, source }: FindOptions,
): Found {
  const rule = rules[rank]
  if (rule === undefined) throw new FirebreakError('internal', `no rule has the place ${rank}`)
  return {
    id: idOf(rule.id, secret, { salt, guessable: rule.guessable }),
    rule: rule.id,
    provider,
    secret: new Secret(secret),
    within: within === null ? null : new Secret(within),
    masked: mask(secret, rule),
    at,
    name,
    source,
    commit: null,
    low: rule.low,
  }
}

/** The id that a finding has under another salt. */
export function idUnder(salt: string, { rule, secret }: Found): string {
  const guessable = rules.some((each) => each.id === rule && each.guessable)
  return idOf(rule, secret.reveal(), { salt, guessable })
}
