/** Looks at a push before it runs: which refs of the remote it would write over, what they are now, and what they would be. Nothing is changed. */
import { messageOf } from '../base/error.ts'
import { readShell } from '../classify/shell/read.ts'
import type { Run } from '../classify/shell/run.ts'
import { argvOf, flagsOf } from '../classify/shell/argv.ts'
import type { Call } from '../gateways/hook/call.ts'
import type { Push, PushedRef } from '../gateways/hook/push.ts'
import { git, tryGit } from './git-run.ts'
import type { GitCall } from './git-run.ts'
import { join } from 'node:path'

/** What was found; why it cannot be looked at; null where nothing is pushed. Never throws. */
export async function lookAtPush(
  calls: readonly Call[],
  mostMs: number,
): Promise<Push | string | null> {
  const runs = calls.flatMap((call) => (call.kind === 'shell' ? runsOf(call.command) : []))
  if (!runs.some(isPush)) return null
  const [only, ...others] = calls
  if (only?.kind !== 'shell' || others.length > 0) return alone
  const placed = plainPush(runs, only.cwd)
  if (placed === null) return alone
  try {
    return await look(placed, { cwd: placed.folder, mostMs })
  } catch (thrown) {
    // Whatever git says against it: then what is there cannot be saved either.
    return messageOf(thrown)
  }
}

const alone =
  'what the remote has can only be saved where the push is a plain command of its own (`git push …`, in its folder)'

function runsOf(command: string): readonly Run[] {
  const runs: Run[] = []
  readShell(command, {
    readers: { sql: () => [], graphql: () => [], file: () => null },
    cwd: null,
    saw: (run) => runs.push(run),
  })
  return runs
}

function isPush({ argv }: Run): boolean {
  const texts = argv.map(({ text }) => text)
  return texts.some((text) => /(^|\/)git$/.test(text)) && texts.includes('push')
}

interface Placed {
  readonly folder: string
  /** Behind `push`. */
  readonly args: readonly string[]
}

/** Flags under which git starts no program and reads no file that the command names. */
const plain =
  /^(-[fduqv]+|--(force|force-with-lease(=.*)?|force-if-includes|set-upstream|delete|mirror|prune|all|branches|tags|follow-tags|atomic|quiet|verbose|progress|no-progress|no-verify|porcelain))$/

/** `git [-C DIR] push …`, first in its text or behind one `cd`: what came before could change what is pushed, and of two only one would be looked at. */
function plainPush(runs: readonly Run[], cwd: string | null): Placed | null {
  const [run, ...others] = runs.filter(isPush)
  const dir = run === undefined ? null : folderBefore(runs.slice(0, runs.indexOf(run)))
  if (run === undefined || others.length > 0 || dir === null || cwd === null) return null
  const told = wordsOf(run)
  if (told === null) return null
  const { inside, args } = told
  return { folder: [dir, ...inside].reduce(placed, cwd), args }
}

/** Where it is by then; null where more was done. */
function folderBefore(before: readonly Run[]): string | null {
  if (before.length === 0) return ''
  return before.length === 1 ? movedTo(before[0]) : null
}

/** The folders of `-C`, and what stands behind `push`; null where anything else is said that could have git do another thing. */
function wordsOf({ argv: [program, ...words], env, stdin }: Run): {
  readonly inside: readonly string[]
  readonly args: readonly string[]
} | null {
  const isKnown = words.every((word) => word.isKnown && !word.isGlob)
  if (program?.text !== 'git' || !isKnown || stdin.kind !== 'none' || env.size > 0) return null
  const { flags } = argvOf(words, flagsOf('-C'), 0)
  const inside = (flags.get('-C') ?? []).map(({ text }) => text)
  const at = words.findIndex(({ text }) => text === 'push')
  const isBare = [...flags.keys()].every((flag) => flag === '-C') && at === inside.length * 2
  const args = words.slice(at + 1).map(({ text }) => text)
  return isBare && args.every(isSafe) ? { inside, args } : null
}

function isSafe(text: string): boolean {
  return text.startsWith('-') ? plain.test(text) : !text.includes('::') && text !== ''
}

function movedTo(run: Run | undefined): string | null {
  const [program, dir, ...more] = run?.argv ?? []
  const isMove = program?.text === 'cd' && more.length === 0 && run?.writes.length === 0
  return isMove && dir?.isKnown === true && /^[\w./]/.test(dir.text) ? dir.text : null
}

function placed(from: string, to: string): string {
  return to.startsWith('/') ? to : join(from, to)
}

async function look({ folder, args }: Placed, call: GitCall): Promise<Push> {
  const remote = args.find((text) => !text.startsWith('-')) ?? (await usualRemote(call))
  const url = await pushUrl(remote, call)
  // As git itself would do it; hooks of the repository are not run, and nothing is sent.
  const how = ['push', '--dry-run', '--porcelain', '--no-verify', ...args]
  const { out, why } = await tryGit(how, call)
  const lines = [...out.toString('utf8').matchAll(/^([+\-*=! ])\t([^\t:]*):([^\t]+)\t/gm)]
  if (lines.length === 0) throw new Error(`git says: ${why}`)
  const there = await refsAt(url, call)
  const graves = lines.flatMap(([, sign = '', from = '', ref = '']) => {
    const old = there.get(ref)
    const isGrave = (sign === '+' || sign === '-') && old !== undefined
    return isGrave ? [{ ref, old, from: sign === '+' ? from : null }] : []
  })
  if (graves.length > mostRefs) throw new Error(`it is about more than ${mostRefs} refs at once`)
  const refs: PushedRef[] = []
  for (const { ref, old, from } of graves)
    refs.push({ ref, old, new: from === null ? null : await idOf(from, call) })
  const told = bare(url)
  return { folder, remote: remote === url ? told : remote, url: told, refs }
}

async function idOf(from: string, call: GitCall): Promise<string> {
  return (await git(['rev-parse', '--verify', '--end-of-options', from], call)).trim()
}

/** More of them are saved one by one in no time that a host waits. */
const mostRefs = 50

/** As git picks it (git-push(1), DEFAULT BEHAVIOUR). */
async function usualRemote(call: GitCall): Promise<string> {
  const branch = (await tryGit(['symbolic-ref', '--quiet', '--short', 'HEAD'], call)).out
    .toString()
    .trim()
  for (const key of [
    `branch.${branch}.pushRemote`,
    'remote.pushDefault',
    `branch.${branch}.remote`,
  ]) {
    const { ok, out } = await tryGit(['config', '--get', key], call)
    const named = out.toString('utf8').trim()
    if (ok && named !== '') return named
  }
  return 'origin'
}

/** Where it is pushed to. Throws where there are several. */
export async function pushUrl(remote: string, call: GitCall): Promise<string> {
  const { ok, out } = await tryGit(['remote', 'get-url', '--push', '--all', '--', remote], call)
  const [url = remote, ...more] = ok ? out.toString('utf8').trim().split('\n') : [remote]
  if (more.length > 0) throw new Error(`\`${remote}\` pushes to several places at once`)
  if (url.startsWith('-') || url.includes('::')) throw new Error('it is pushed to no plain address')
  return url
}

/** The refs of a remote with their ids. */
export async function refsAt(url: string, call: GitCall): Promise<ReadonlyMap<string, string>> {
  const out = await git(['ls-remote', '--refs', '--quiet', url], call)
  return new Map(
    [...out.matchAll(/^([0-9a-f]+)\t(\S+)$/gm)].map(([, id = '', ref = '']) => [ref, id]),
  )
}

/** An address without the name and the password in it. */
function bare(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1')
}
