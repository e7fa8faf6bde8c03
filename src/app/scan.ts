/** The whole scan: checkout, history, home, environment and processes, one after another, with what was accepted set apart. */
import { availableParallelism, homedir } from 'node:os'
import { resolve } from 'node:path'
import { findAmong, findAtHome, findIn, findUnder } from '../scan/find.ts'
import type { FindOptions, Found, Unreadable } from '../scan/find.ts'
import { findInHistory } from '../scan/history.ts'
import { ignoreFile, inForce, reasonsIn } from '../scan/ignore.ts'
import type { Accepted } from '../scan/ignore.ts'
import { merge } from '../scan/merged.ts'
import type { Told } from '../scan/sarif.ts'
import { findInProcesses } from '../scan/processes.ts'
import { findStaged } from '../scan/staged.ts'
import { unreadId } from '../scan/unread.ts'
import type { Unread } from '../scan/unread.ts'
import { variables } from './environment.ts'
import { ignoredIn, ignoreText } from './ignore-file.ts'
import { looksLikeGrant } from '../grants/token.ts'

export const sources = ['checkout', 'history', 'home', 'environment', 'process'] as const
/** What the next commit would bring is looked at only where that is asked for: it lies in the checkout, too. */
export type Where = (typeof sources)[number] | 'staged'

export interface Scanned {
  readonly told: readonly Told[]
  readonly unreadable: readonly Unread[]
  /** Accepted once, and met no more. */
  readonly stale: readonly Accepted[]
  /** Accepted until a day that is over: open again. */
  readonly ended: readonly Accepted[]
  readonly files: number
  readonly binary: number
  readonly bytes: number
}

export interface ScanOptions {
  readonly where: readonly Where[]
  /** The day, `2026-11-27`: until then acceptances count. */
  readonly today: string
  /** Called now and then with what was looked at so far. */
  readonly progress: (files: number, bytes: number) => void
}

/** Everything that an agent at work in this folder could find. Throws `bad_input` where `.firebreak-ignore` cannot be read. */
export async function scan(
  folder: string,
  { where, today, progress }: ScanOptions,
): Promise<Scanned> {
  const root = resolve(folder)
  const ignored = ignoredIn(root)
  const counts = { files: 0, binary: 0, bytes: 0 }
  const options: Partial<FindOptions> = {
    salt: ignored.salt,
    threads: Math.min(8, availableParallelism()),
    // Its ids look drawn by chance, and are no secrets: it is read without them, below.
    skip: (shown) => shown === ignoreFile,
    seen: (kind, bytes) => {
      counts.files += 1
      counts.bytes += bytes
      if (kind === 'binary') counts.binary += 1
      if (counts.files % 500 === 0) progress(counts.files, counts.bytes)
    },
  }
  const found: Found[] = where.some((each) => each === 'checkout' || each === 'staged')
    ? [...findIn(reasonsIn(ignoreText(root)), ignoreFile, options)]
    : []
  const unreadable: Unreadable[] = []
  for (const each of where)
    for await (const met of meet(each, root, options))
      if ('unreadable' in met) unreadable.push(met)
      // A grant is what shall stand there: it opens nothing past Firebreak, and is revoked at once.
      else if (!looksLikeGrant(met.secret.reveal())) found.push(met)
  const findings = merge(found)
  const good = inForce(ignored.accepted, today)
  const byId = new Map(good.map((each) => [each.id, each]))
  const unread = unreadable.map((one): Unread => {
    const id = unreadId(one, ignored.salt)
    return { ...one, id, accepted: byId.get(id ?? '') ?? null }
  })
  const ids = new Set([...findings, ...unread].map(({ id }) => id))
  return {
    told: findings.map((finding) => ({ finding, accepted: byId.get(finding.id) ?? null })),
    unreadable: unread,
    stale: ignored.accepted.filter(({ id }) => !ids.has(id)),
    ended: ignored.accepted.filter((each) => ids.has(each.id) && !good.includes(each)),
    ...counts,
  }
}

function meet(
  where: Where,
  root: string,
  options: Partial<FindOptions>,
): AsyncIterable<Found | Unreadable> | Iterable<Found> {
  switch (where) {
    case 'checkout':
      return findUnder(root, options)
    case 'history':
      return findInHistory(root, options)
    case 'staged':
      return findStaged(root, options)
    case 'home':
      return findAtHome(homedir(), options)
    case 'environment':
      return findAmong(variables(), options)
    case 'process':
      return findInProcesses(process.getuid?.() ?? -1, options)
  }
}
