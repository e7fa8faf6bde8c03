/** `firebreak scan --watch`: stays, and tells each credential that turns up in the checkout or the home, comes back or is gone. */
import { usualBounds } from '../scan/file.ts'
import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Finding } from '../scan/merged.ts'
import { merge } from '../scan/merged.ts'
import { stepsAt } from '../scan/find.ts'
import { homePlaces } from '../scan/home.ts'
import { ignoreFile, inForce } from '../scan/ignore.ts'
import { openPatrol } from '../scan/patrol.ts'
import type { Beat, Change, Round } from '../scan/patrol.ts'
import { openWake } from '../scan/wake.ts'
import { walk } from '../scan/walk.ts'
import { ignoredIn, today } from './ignore-file.ts'
import { foreign } from './setup/seen.ts'
import { looksLikeGrant } from '../grants/token.ts'

export interface Sight {
  readonly event: Change['kind']
  readonly finding: Finding
  /** Somebody has accepted it, and that counts today. */
  readonly isAccepted: boolean
}

export interface WatchOptions {
  readonly sources: readonly ('checkout' | 'home')[]
  /** What is there when it begins. */
  readonly begun: (there: readonly Finding[], round: Round) => void
  readonly told: (sight: Sight) => void
  /** What cannot be looked at now: each time it changes. */
  readonly trouble: (lines: readonly string[]) => void
  readonly signal: AbortSignal
}

/** Returns once the signal says so. Throws `bad_input` where `.firebreak-ignore` cannot be read at the beginning. */
export async function watchScan(
  folder: string,
  { sources, begun, told, trouble, signal }: WatchOptions,
): Promise<void> {
  const root = resolve(folder)
  const { salt } = ignoredIn(root)
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new FirebreakError('bad_input', `\`${folder}\` is no folder`, 'name one that is there')
  const look = openPatrol(
    sources.flatMap((source) => beatsOf(source, root)),
    {
      salt,
      // A file that grows without end is read from its beginning each time: of such a one the head.
      bounds: { ...usualBounds, maxFileBytes: 8 * 1024 ** 2 },
      // A grant is what shall stand there.
      passes: ({ secret }) => !looksLikeGrant(secret.reveal()),
      now: Date.now,
    },
  )
  const wake = openWake(root, process.platform !== 'linux')
  const close = (): void => wake.close()
  signal.addEventListener('abort', close)
  try {
    let said = ''
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const since = performance.now()
      const round = await look()
      const took = performance.now() - since
      wake.cover(worthWaking(round))
      if (isFirst) begun(merge(round.changes.map(({ found }) => found)), round)
      else sightsOf(round, root).forEach(told)
      const troubles = round.lost.join('\n')
      if (troubles !== said) trouble(round.lost)
      said = troubles
      if ((await wake.wait(took)) === null) return
    }
  } finally {
    signal.removeEventListener('abort', close)
    wake.close()
  }
}

/** What others brought changes by the thousand, and has few secrets: there it looks when it is time. */
const worthWaking = ({ folders }: Round): ReadonlySet<string> =>
  new Set([...folders].filter((folder) => !foreign.test(folder)))

function beatsOf(source: 'checkout' | 'home', root: string): readonly Beat[] {
  // What was accepted stands there with ids that look drawn by chance.
  if (source === 'checkout')
    return [{ source, steps: () => walk(root, (shown) => shown === ignoreFile) }]
  const home = homedir()
  return homePlaces.map(({ path, source: own }) => ({
    source: own,
    steps: () => stepsAt(home, path),
  }))
}

function sightsOf({ changes }: Round, root: string): readonly Sight[] {
  if (changes.length === 0) return []
  const accepted = acceptedIn(root)
  return changes.flatMap(({ kind, found }) =>
    merge([found]).map((finding) => ({
      event: kind,
      finding,
      isAccepted: accepted.has(finding.id),
    })),
  )
}

function acceptedIn(root: string): ReadonlySet<string> {
  try {
    return new Set(inForce(ignoredIn(root).accepted, today()).map(({ id }) => id))
  } catch {
    // Somebody is writing it, or has a slip in it: until then nothing counts as accepted.
    return new Set()
  }
}
