/** The policy texts that count: the defaults of this package, and the user's own folder beside them. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError, messageOf } from '../base/error.ts'
import { platformNamed } from '../platforms/known.ts'
import type { Checked } from '../policy/check.ts'
import { openPolicy } from '../policy/decide.ts'
import { environmentIds } from './config.ts'
import type { Config } from './config.ts'
import { parseDuration } from './duration.ts'
import { checkApart } from './policy-worker.ts'

type Text = Parameters<typeof openPolicy>[0]['texts'][number]

/**
 * The compiled policy; throws `bad_policy` with the file and what is wrong in it. The texts are first checked in a thread of
 * their own: one that breaks Cedar's engine breaks it there.
 */
export async function loadPolicy(folder: string | null): Promise<ReturnType<typeof openPolicy>> {
  const given = policyTexts(folder)
  // The defaults were checked when they were built; only what a user wrote can be dangerous.
  const { issues } = folder === null ? { issues: [] } : await checkApart(given)
  const faults = issues.filter(({ level }) => level === 'error')
  if (faults.length > 0)
    throw new FirebreakError(
      'bad_policy',
      faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('; '),
      'correct it; nothing runs until then',
    )
  return openPolicy({ ...given, duration: parseDuration })
}

/** What a person should look at in the policies of a config: they are used all the same. */
export async function reviewPolicies(config: Config): Promise<Checked['issues']> {
  const targets = Object.values(config.targets)
  const operations = targets.flatMap(({ platform }) => platformNamed(platform)?.operations() ?? [])
  const declared = targets.flatMap(({ environments, ...entry }) => [
    ...Object.keys(environments),
    ...environmentIds({ environments, ...entry }).map(([, id]) => id),
  ])
  const known = { operations, environments: declared }
  return (await checkApart({ ...policyTexts(config.policies ?? null), known })).issues
}

function policyTexts(folder: string | null): {
  readonly schema: string
  readonly texts: readonly Text[]
} {
  const read = (name: string): string =>
    readFileSync(new URL(`../policy/defaults/${name}`, import.meta.url), 'utf8')
  const defaults: readonly Text[] = [
    { set: 'guard', file: 'guard.cedar', text: read('guard.cedar') },
    { set: 'hold', file: 'hold.cedar', text: read('hold.cedar') },
  ]
  const texts = [...defaults, ...(folder === null ? [] : userTexts(folder))]
  return { schema: read('schema.cedarschema'), texts }
}

function userTexts(folder: string): readonly Text[] {
  try {
    return readdirSync(folder)
      .filter((file) => !file.startsWith('.') && !/\.(md|yaml)$/.test(file))
      .toSorted()
      .map((file) => ({ set: setOf(file), file, text: readFileSync(join(folder, file), 'utf8') }))
  } catch (cause) {
    if (cause instanceof FirebreakError) throw cause
    throw new FirebreakError(
      'bad_policy',
      `the policies in \`${folder}\` cannot be read: ${messageOf(cause)}`,
      null,
      cause,
    )
  }
}

function setOf(file: string): Text['set'] {
  const set = /\.(guard|hold|loosen)\.cedar$/.exec(file)?.[1]
  if (set === 'guard' || set === 'hold' || set === 'loosen') return set
  throw new FirebreakError(
    'bad_policy',
    `\`${file}\` must end in .guard.cedar, .hold.cedar or .loosen.cedar`,
  )
}
