/** Saves what a push would write over: the old commits as a bundle that any git can read. Nothing changes in the repository but the objects that it lacked. */
import { FirebreakError } from '../base/error.ts'
import type { Push } from '../gateways/hook/push.ts'
import { git, tryGit } from './git-run.ts'
import type { GitCall } from './git-run.ts'
import { mostBundle } from './push-limits.ts'
import { pushUrl, refsAt } from './push-look.ts'

/** The bundle. Throws, in one line, where it cannot be had whole: then nothing may be pushed. */
export async function bundleOf(push: Push, mostMs: number): Promise<Buffer> {
  const call = { cwd: push.folder, mostMs }
  const url = await pushUrl(push.remote, call)
  const there = await refsAt(url, call)
  const moved = push.refs.find(({ ref, old }) => there.get(ref) !== old)
  if (moved !== undefined) throw hasMoved(moved.ref)
  for (const { ref, old } of push.refs) await fetched(ref, old)
  const gone = new Set(push.refs.map(({ ref }) => ref))
  const kept = [...there].filter(([ref]) => !gone.has(ref)).map(([, id]) => id)
  const staying = [...kept, ...push.refs.flatMap((each) => each.new ?? [])]
  const objects = new Set<string>()
  for (const { old } of push.refs)
    for (const id of await objectsOf(old, staying, call)) objects.add(id)
  return Buffer.concat([headOf(push), await packed([...objects], call)])

  async function fetched(ref: string, old: string): Promise<void> {
    const has = async (): Promise<boolean> => (await tryGit(['cat-file', '-e', old], call)).ok
    if (await has()) return
    const quietly = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', 'fetch', '--quiet']
    await git([...quietly, '--no-tags', '--no-write-fetch-head', '--', url, ref], call)
    if (!(await has())) throw hasMoved(ref)
  }
}

/** What goes with one old id: all that nothing that stays on the remote has; of one that stays as well, itself. */
async function objectsOf(
  old: string,
  staying: readonly string[],
  call: GitCall,
): Promise<readonly string[]> {
  const list = async (without: readonly string[]): Promise<readonly string[]> => {
    const args = ['rev-list', '--objects', '--no-object-names', '--ignore-missing', '--stdin']
    const input = [old, ...without.map((id) => `^${id}`), ''].join('\n')
    const { ok, out, isLong, why } = await tryGit(args, { ...call, input, mostBytes: mostBundle })
    if (isLong) throw tooLarge()
    if (!ok) throw new FirebreakError('wrong_state', `git says: ${why}`)
    return out.toString('latin1').split('\n').filter(Boolean)
  }
  const lost = await list(staying)
  if (lost.includes(old)) return lost
  const parents = await git(['rev-parse', `${old}^@`], call)
  return [...lost, ...(await list(parents.split('\n').filter(Boolean)))]
}

async function packed(objects: readonly string[], call: GitCall): Promise<Buffer> {
  const args = ['pack-objects', '--quiet', '--stdout', '--delta-base-offset']
  const input = `${objects.join('\n')}\n`
  const { ok, out, isLong, why } = await tryGit(args, { ...call, input, mostBytes: mostBundle })
  if (isLong) throw tooLarge()
  if (!ok) throw new FirebreakError('wrong_state', `git says: ${why}`)
  return out
}

/** gitformat-bundle(5): version 3 where the ids are SHA-256, else version 2. */
function headOf({ refs }: Push): Buffer {
  const isLong = refs.some(({ old }) => old.length === 64)
  const first = isLong ? ['# v3 git bundle', '@object-format=sha256'] : ['# v2 git bundle']
  const tips = refs.map(({ old }, nth) => `${old} refs/firebreak/${nth}`)
  return Buffer.from([...first, ...tips, '', ''].join('\n'))
}

function hasMoved(ref: string): FirebreakError {
  return new FirebreakError('wrong_state', `\`${ref}\` has moved since: push again`)
}

function tooLarge(): FirebreakError {
  return new FirebreakError(
    'too_large',
    'more than 64 MB would be lost, which is not kept here: push the old branch under another name first, then again',
  )
}
