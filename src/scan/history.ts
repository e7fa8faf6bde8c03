/** What a repository remembers: each file's every state that a branch, a tag, the index or the reflog still reaches, and each commit's words. */
import { messageOf } from '../base/error.ts'
import { eye } from './eye.ts'
import { foundOf, usual } from './find.ts'
import type { FindOptions } from './find.ts'
import type { Found, Unreadable } from './found.ts'
import { gitOutput } from './git-run.ts'
import type { GitArguments } from './git-run.ts'
import { batch, namedObjects } from './named-objects.ts'
import { openObjects, tellSeen, whyLeft } from './objects.ts'
import type { SeenObject } from './objects.ts'
import { openOtherNames } from './other-names.ts'
import type { OtherNames } from './other-names.ts'

/** What stands in the history of the repository that this folder belongs to, each secret once, with the commit that brought it in. */
export async function* findInHistory(
  folder: string,
  options: Partial<FindOptions> = {},
): AsyncGenerator<Found | Unreadable> {
  const all: FindOptions = { ...usual, ...options, source: 'history' }
  try {
    const names = openOtherNames(eye())
    const first = await sightings(folder, all, names)
    const births = await birthsOf(folder, new Set(first.map(({ id }) => id)), names)
    const seen = [...first, ...(await lookedAgain(folder, all, names.again))]
    if (names.isCut())
      yield { unreadable: 'the history', why: 'too many files in it have several names each' }
    const age = ({ id }: SeenObject): number => births.get(id)?.age ?? 0
    const told = new Set<string>()
    for (const object of seen) {
      const why = whyLeft(object)
      if (why !== null) yield { unreadable: `${object.path} in the history`, why }
    }
    for (const found of seen
      .toSorted((a, b) => age(b) - age(a))
      .flatMap((object) => foundIn(object, births.get(object.id)?.commit ?? null, all))) {
      if (!told.has(found.id)) yield found
      told.add(found.id)
    }
  } catch (thrown) {
    yield { unreadable: 'the history', why: messageOf(thrown) }
  }
}

function foundIn(
  object: SeenObject,
  commit: string | null,
  options: FindOptions,
): readonly Found[] {
  const isMessage = object.path === ''
  return object.placed.map((placed) => {
    const found = foundOf(placed, options)
    const file = isMessage ? 'a commit’s message' : object.path
    return { ...found, commit: isMessage ? object.id : commit, at: { ...found.at, file } }
  })
}

/** The objects that have something. */
async function sightings(
  folder: string,
  options: FindOptions,
  names: OtherNames,
): Promise<readonly SeenObject[]> {
  const objects = openObjects(eye())
  const found: SeenObject[] = []
  const chunks = gitOutput(folder, batch, [
    'rev-list',
    '--objects',
    '--all',
    '--reflog',
    '--indexed-objects',
    '--filter=object:type=blob',
  ])
  for await (const chunk of chunks)
    for (const object of objects.feed(chunk)) {
      tellSeen(options, object)
      names.looked(object.id, object.path)
      if (isTold(object)) found.push(object)
    }
  return found
}

/** Under the other paths that they had. */
async function lookedAgain(
  folder: string,
  { seen }: FindOptions,
  again: OtherNames['again'],
): Promise<readonly SeenObject[]> {
  if (again.length === 0) return []
  const found: SeenObject[] = []
  for await (const object of namedObjects(folder, again)) {
    seen('read', object.bytes)
    if (isTold(object)) found.push(object)
  }
  return found
}

const isTold = (object: SeenObject): boolean => object.placed.length > 0 || whyLeft(object) !== null

interface Birth {
  readonly commit: string
  /** The higher, the older. */
  readonly age: number
}

/** The first commit that had each of these files. */
async function birthsOf(
  folder: string,
  ids: ReadonlySet<string>,
  names: OtherNames,
): Promise<ReadonlyMap<string, Birth>> {
  const births = new Map<string, Birth>()
  const wanted = new Set(ids)
  let commit = ''
  let age = 0
  for await (const line of linesOf(gitOutput(folder, changes))) {
    const isCommit = /^[0-9a-f]{40,64}$/.test(line)
    if (isCommit) commit = line
    if (isCommit) age += 1
    // A commit's message may have the secret itself, and is an object too.
    const [, blob, path] = changed.exec(line) ?? []
    const id = isCommit ? line : blob
    if (blob !== undefined && path !== undefined && names.met(blob, path)) wanted.add(blob)
    // Git tells the newest first: its last word is the oldest.
    if (id !== undefined && wanted.has(id)) births.set(id, { commit, age })
  }
  return births
}

/** `:MODE MODE OLD NEW STATUS`, a tab and the path; what is gone, or another repository's commit, is no file. */
const changed = /^:\d+ (?!160000|000000)\d+ [0-9a-f]+ ([0-9a-f]+) \w+\t(.+)$/

const changes: GitArguments = [
  'log',
  '--all',
  '--reflog',
  '--topo-order',
  '--raw',
  '--no-abbrev',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '-m',
  '--root',
  '--format=%H',
]

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
