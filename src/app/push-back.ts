/** Puts back what a push wrote over, from a bundle, with the git and the rights of the person who asks. Nobody's later work is written over. */
import type { Push, PushedRef } from '../gateways/hook/push.ts'
import { git, tryGit } from './git-run.ts'
import type { GitCall } from './git-run.ts'
import { pushUrl, refsAt } from './push-look.ts'

export interface PutBack {
  /** One line for each ref. */
  readonly lines: readonly string[]
  /** False where one of them could not be put back. */
  readonly ok: boolean
}

/** A person waits, and sees what takes so long. */
const mostMs = 10 * 60_000

/** Throws where the repository or the bundle cannot be used at all. */
export async function putBack(push: Push, bundle: string, folder: string): Promise<PutBack> {
  const call = { cwd: folder, mostMs }
  await git(['bundle', 'unbundle', bundle], call)
  const url = await pushUrl(push.remote, call)
  const lines: string[] = []
  let ok = true
  for (const each of push.refs) {
    const why = await putOne(each, url, call)
    if (why !== null) ok = false
    lines.push(
      why === null
        ? `${each.ref} is ${each.old} again, at ${push.url}`
        : `${each.ref} is NOT put back: ${why}. What it was is in this repository: \`git branch saved ${each.old}\``,
    )
  }
  return { lines, ok }
}

/** Null where it stands as it was; else why not. */
async function putOne(
  { ref, old, new: next }: PushedRef,
  url: string,
  call: GitCall,
): Promise<string | null> {
  const now = (await refsAt(url, call)).get(ref) ?? null
  if (now === old) return null
  if (now !== next)
    return next === null
      ? `somebody has made it anew since (${now ?? ''})`
      : `it has moved on since, to ${now ?? 'nothing'}`
  // The lease holds it to that also where it moves right now.
  const lease = `--force-with-lease=${ref}:${next ?? ''}`
  const { ok, why } = await tryGit(
    ['push', '--quiet', '--no-verify', lease, '--', url, `${old}:${ref}`],
    call,
  )
  return ok ? null : `git says: ${why}`
}
