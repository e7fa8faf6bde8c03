/** Finds the credentials in a text and in the files under a folder. */
import { remembered } from '../base/cache.ts'
import { Secret } from '../base/secret.ts'
import { openFileReader } from './file.ts'
import type { Outcome } from './file.ts'
import type { Found, Source, Unreadable } from './found.ts'
import { openEye } from './look.ts'
import { openReader } from './placed.ts'
import type { Placed } from './placed.ts'
import { rules } from './rules/all.ts'
import { idOf, mask } from './shown.ts'
import { walk } from './walk.ts'

export type { Found, Source, Unreadable } from './found.ts'

export interface FindOptions {
  readonly source: Source
  /** Keeps ids from being compared between places that do not know each other's salt; the same salt gives the same ids. */
  readonly salt: string
  /** Past so many bytes a file is left, and said to be. */
  readonly maxFileBytes: number
  /** True for what is not to be looked into: a path under the root, with `/`. */
  readonly skip: (shown: string) => boolean
  /** Called once for each file that was looked at, so that somebody can show how far it is. */
  readonly seen: (outcome: Outcome['kind'], bytes: number) => void
}

const usual: FindOptions = {
  source: 'checkout',
  salt: '',
  maxFileBytes: 4 * 1024 ** 3,
  skip: () => false,
  seen: () => {},
}

/** To make the rules ready takes longer than to look through most texts. */
const eye = remembered({ most: 1, characters: 100 }, () => openEye(rules))

/** What stands in one text; `file` is where it came from, and tells which rules are for it. */
export function findIn(
  text: string,
  file: string,
  options: Partial<FindOptions> = {},
): readonly Found[] {
  const bytes = Buffer.from(text)
  const { placed } = openReader(eye(''), file).take(bytes, true)
  return placed.map((each) => foundOf(each, { ...usual, ...options }))
}

/** What stands in the files under a folder, ignored ones too, file by file; and what could not be looked at. */
export async function* findUnder(
  root: string,
  options: Partial<FindOptions> = {},
): AsyncGenerator<Found | Unreadable> {
  const all = { ...usual, ...options }
  const reader = openFileReader(eye(''), all.maxFileBytes)
  for (const step of walk(root, all.skip)) {
    if (step.kind === 'unreadable') {
      yield { unreadable: step.shown, why: step.why }
      continue
    }
    const outcome = reader.read(step.path, step.shown)
    all.seen(outcome.kind, outcome.kind === 'read' ? outcome.bytes : 0)
    if (outcome.kind !== 'binary') for (const each of outcome.placed) yield foundOf(each, all)
    if (outcome.kind === 'unreadable') yield { unreadable: step.shown, why: outcome.why }
  }
}

function foundOf({ sighting, at }: Placed, { salt, source }: FindOptions): Found {
  const { rule, secret, within, name } = sighting
  return {
    id: idOf(rule.id, secret, { salt, guessable: rule.guessable }),
    rule: rule.id,
    provider: rule.provider,
    secret: new Secret(secret),
    within: within === null ? null : new Secret(within),
    masked: mask(secret, rule),
    at,
    name,
    source,
    low: rule.low,
  }
}
