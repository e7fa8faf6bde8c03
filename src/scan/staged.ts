/** What the next commit would bring in: each staged file's content as the index has it, not as it lies in the checkout. */
import { foundOf, usual } from './find.ts'
import type { FindOptions } from './find.ts'
import type { Found, Unreadable } from './found.ts'
import { gitOutput } from './git-run.ts'
import type { GitArguments } from './git-run.ts'
import { namedObjects } from './named-objects.ts'
import type { NamedObject } from './named-objects.ts'
import { tellSeen, whyLeft } from './objects.ts'

/** Of this folder alone; a file that is staged to go has nothing to bring. Throws `wrong_state` where git cannot tell: a commit must not go through for that. */
export async function* findStaged(
  folder: string,
  options: Partial<FindOptions> = {},
): AsyncGenerator<Found | Unreadable> {
  const all: FindOptions = { ...usual, ...options, source: 'staged' }
  const wanted = (await stagedIn(folder)).filter(({ path }) => !all.skip(path))
  for await (const object of namedObjects(folder, wanted, all.maxBlockMs)) {
    tellSeen(all, object)
    const why = whyLeft(object)
    if (why !== null) yield { unreadable: object.path, why }
    for (const each of object.placed) yield foundOf(each, all)
  }
}

async function stagedIn(folder: string): Promise<readonly NamedObject[]> {
  const changed = await textOf(folder, changes).catch(() => null)
  // Before a branch's first commit there is nothing to compare with, and all of the index is new.
  const parts = (changed ?? (await textOf(folder, index))).split('\0')
  return parts.flatMap((entry, at) => {
    const [, id, path = parts[at + 1]] = (changed === null ? listed : told).exec(entry) ?? []
    return id === undefined || path === undefined ? [] : [{ id, path }]
  })
}

/** `MODE ID STAGE`, a tab and the path. Another repository within (160000) has a commit there, and no file. */
const listed = /^(?!160000)[0-7]+ ([0-9a-f]+) \d\t(.+)$/s
/** `:MODE MODE OLD NEW STATUS`, and the path by itself. */
const told = /^:[0-7]+ (?!160000)[0-7]+ [0-9a-f]+ ([0-9a-f]+) [AMT]$/
const index: GitArguments = ['ls-files', '--stage', '-z']
const changes: GitArguments = [
  'diff-index',
  '--cached',
  '--raw',
  '-z',
  '--no-abbrev',
  '--no-renames',
  '--relative',
  'HEAD',
]

async function textOf(folder: string, args: GitArguments): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of gitOutput(folder, args)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
