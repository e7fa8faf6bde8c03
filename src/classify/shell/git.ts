/** Git: what is lost in the checkout, and what is written over where others pull from. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Argv } from './argv.ts'
import type { Special } from './nested.ts'
import { aliased, beside, configured, pairsIn, valuesOf } from './git-config.ts'
import { destroys, ordinary, unread } from './operation.ts'
import { nothingFed } from './run.ts'
import type { Arg } from './arg.ts'

const globals = flagsOf(
  '-C -c --git-dir --work-tree --namespace --exec-path --super-prefix --config-env --attr-source',
)
const flags = flagsOf(
  '-m --message -F --file -b -B -C-x -c-x --orphan -s --source --conflict -U --unified --inter-hunk-context --author --date -n-x --depth --branch -o --push-option --receive-pack --repo -u-x --pathspec-from-file -x-y --onto -X --strategy-option --strategy -e-x --exclude',
  '-q --quiet -v --verbose -p --patch --all --tags --progress --no-verify',
)

const switching = flagsOf(
  '-c -C --create --force-create --orphan --conflict',
  '-q --quiet -d --detach',
)
type Judge = (told: Argv, args: readonly Arg[]) => Operation | null

const keep = 'stash or commit first'

/** Git takes a long flag by any beginning that is one flag’s alone. */
function has({ flags: found }: Argv, ...wanted: readonly string[]): boolean {
  return wanted.some((one) =>
    [...found.keys()].some(
      (flag) => flag === one || (one.startsWith('--') && flag.length >= 4 && one.startsWith(flag)),
    ),
  )
}

const local = (name: string, says: string): Operation =>
  destroys(`git ${name}`, ['data'], says, keep)
const remote = (name: string, says: string): Operation =>
  destroys(`git ${name}`, ['overwrite'], says, 'push to a new branch, or ask for a merge')

/** `git push $FLAGS`: where the remote stands, a flag may. */
function unknownPush({ words: [first] }: Argv): Operation | null {
  const isOpen = first?.isKnown === false && !first.isMaybeValue && first.text.startsWith('$')
  if (!isOpen) return null
  const says = `\`${first.text}\` may be a flag that writes over history: write the remote’s name`
  return unread('git push', says)
}

const push: Judge = (told) => {
  if (has(told, '-n', '--dry-run')) return null
  const open = unknownPush(told)
  if (open !== null) return open
  const refs = [...told.words, ...(told.behind ?? [])].slice(1)
  const isForced =
    told.flags.has('-f') || told.flags.has('--force') || has(told, '--mirror', '--prune')
  // With a lease nobody else’s push is lost; what others lean on is held all the same.
  const isLeased = [...told.flags.keys()].some((flag) => flag.startsWith('--force-with-lease'))
  const isShared = refs.some(({ text }) =>
    /(^|[/:])(main|master|trunk|develop|prod|production|release)$/.test(text),
  )
  const gone = has(told, '-d', '--delete') || refs.some(({ text }) => /^\+?:./.test(text))
  if (gone) return remote('push --delete', 'takes a branch or tag away from where others pull')
  const plus = refs.some(({ text }) => text.startsWith('+'))
  return isForced || plus || (isLeased && isShared)
    ? remote(
        'push --force',
        'writes over the history that others pull; only a clone still has what was there',
      )
    : null
}

const reset: Judge = (told) =>
  has(told, '--hard', '--merge')
    ? local('reset --hard', 'throws away what is changed and not committed')
    : null

const clean: Judge = (told) => {
  const isShown = has(told, '-n', '--dry-run') || has(told, '-i', '--interactive')
  return has(told, '-f', '--force') && !isShown
    ? local('clean', 'takes away files that git does not have')
    : null
}

const checkout: Judge = (told, args) => {
  if (has(told, '-f', '--force'))
    return local('checkout -f', 'throws away what is changed and not committed')
  if (
    has(told, '-b', '-B', '--orphan', '-t', '--track') ||
    args.some(({ text }) => /^-[a-zA-Z]*b/.test(text) && !text.startsWith('--'))
  )
    return null
  const isPaths =
    (told.behind?.length ?? 0) > 0 ||
    told.words.length > 1 ||
    told.words.some(({ text }) => /^\.{1,2}($|\/)/.test(text) || text.includes('*'))
  const isListed = [...told.flags.keys()].some(
    (flag) => flag.length > 4 && '--pathspec-from-file'.startsWith(flag),
  )
  return isPaths || isListed || has(told, '--ours', '--theirs', '-p', '--patch')
    ? local('checkout', 'writes committed content over files that are changed')
    : null
}

const restore: Judge = (told) => {
  const isStaged = on(told, ['--staged', '-S'], '--no-staged')
  const isTree = on(told, ['--worktree', '-W'], '--no-worktree')
  const isPatch = on(told, ['--patch', '-p'], '--no-patch')
  const isNamed =
    told.words.length > 0 ||
    (told.behind?.length ?? 0) > 0 ||
    has(told, '--pathspec-from-file') ||
    isPatch === true
  const writes = isTree ?? isStaged === null
  return isNamed && writes
    ? local('restore', 'writes committed content over files that are changed')
    : null
}

/** Which of a flag and its opposite stands last; null where neither does. */
function on({ flags: found }: Argv, names: readonly string[], off: string): boolean | null {
  const all = [...found.keys()].filter((flag) => names.includes(flag) || flag === off)
  const last = all.at(-1)
  return last === undefined ? null : last !== off
}

const switchTo: Judge = (told) =>
  has(told, '-f', '--force', '--discard-changes')
    ? local('switch --discard-changes', 'throws away what is changed and not committed')
    : null

const branch: Judge = (told) => {
  const isForced =
    has(told, '-D') ||
    ((has(told, '-d', '--delete') || has(told, '--delete')) && has(told, '-f', '--force'))
  if (isForced) return local('branch -D', 'takes a branch away, merged or not')
  const isMoved = has(told, '-f', '--force') && !has(told, '-m', '-M', '-c', '-C')
  return isMoved || has(told, '-M', '-C')
    ? local('branch -f', 'points a branch elsewhere: what only it had is lost')
    : null
}

const stash: Judge = (told) => {
  const [verb] = told.words
  return verb?.text === 'drop' || verb?.text === 'clear'
    ? local(`stash ${verb.text}`, 'throws away what was put aside')
    : null
}

const one =
  (words: RegExp, name: string, says: string): Judge =>
  ({ words: [verb] }) =>
    verb !== undefined && words.test(verb.text) ? local(name, says) : null

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['push', push],
  ['reset', reset],
  ['clean', clean],
  ['checkout', checkout],
  ['restore', restore],
  ['switch', switchTo],
  ['branch', branch],
  ['stash', stash],
  [
    'reflog',
    one(/^(expire|delete)$/, 'reflog expire', 'throws away the way back to what was there'),
  ],
  [
    'worktree',
    (told) =>
      told.words[0]?.text === 'remove' && has(told, '-f', '--force')
        ? local('worktree remove --force', 'takes a checkout with its changes away')
        : null,
  ],
  [
    'send-pack',
    (told) =>
      has(told, '-f', '--force', '--mirror') || told.words.some(({ text }) => text.startsWith('+'))
        ? remote('send-pack --force', 'writes over the history that others pull')
        : null,
  ],
  [
    'http-push',
    (told) =>
      has(told, '--force', '-d', '-D')
        ? remote('http-push --force', 'writes over the history that others pull')
        : null,
  ],
  ['filter-branch', () => local('filter-branch', 'writes all history anew')],
  ['filter-repo', () => local('filter-repo', 'writes all history anew')],
  [
    'gc',
    (told) =>
      ['now', 'all'].includes(told.flags.get('--prune')?.at(-1)?.text ?? '')
        ? local('gc --prune=now', 'throws away what nothing points to')
        : null,
  ],
  ['prune', () => local('prune', 'throws away what nothing points to')],
  [
    'update-ref',
    (told) => (has(told, '-d') ? local('update-ref -d', 'takes a branch or tag away') : null),
  ],
  [
    'checkout-index',
    (told) =>
      has(told, '-f', '--force')
        ? local('checkout-index -f', 'writes over files that are changed')
        : null,
  ],
  [
    'rm',
    (told) =>
      has(told, '-f', '--force') && !has(told, '--cached')
        ? local('rm -f', 'takes files with their changes away')
        : null,
  ],
  ['tag', (told) => (has(told, '-d', '--delete') ? local('tag -d', 'takes a tag away') : null)],
])

const read: Special = ({ argv, env }, scope, nested) => {
  const found = argvOf(argv.slice(1), globals, 0)
  const first = argvOf(argv.slice(1), globals, 1).words[0]
  if (first === undefined || found.flags.has('--help')) return []
  const rest = argv.slice(first.at + 2)
  const verb = first.text
  const pairs = pairsIn(found, env, scope)
  const alias =
    pairs.find(({ name }) => name === `alias.${verb}`)?.value ?? scope.aliases.get(`git ${verb}`)
  if (alias !== undefined) {
    const more = rest.map(({ text }) => text).join(' ')
    return nested.text(`${aliased(alias)} ${more}`, scope.inner())
  }
  const own = [
    ...pairs.flatMap((pair) => configured(pair, scope, nested)),
    ...beside(verb, rest, scope, nested),
  ]
  return first.isKnown
    ? [...own, ...judged(verb, rest, scope, nested)]
    : [unread('git', `what git is to do, \`${verb}\`, nobody can tell before it runs`)]
}

function judged(
  verb: string,
  rest: readonly Arg[],
  scope: Parameters<Special>[1],
  nested: Parameters<Special>[2],
): readonly Operation[] {
  const told = argvOf(rest, verb === 'switch' ? switching : flags)
  if (verb === 'rebase' || verb === 'bisect') return inside(told, rest, scope, nested)
  if (['-h', '--help', '--version'].some((flag) => told.flags.has(flag))) return []
  return [judges.get(verb)?.(told, rest) ?? ordinary(`git ${verb}`)]
}

/** `git rebase -x CMD`, `git bisect run CMD`. */
const inside = (
  told: Argv,
  rest: readonly Arg[],
  scope: Parameters<Special>[1],
  nested: Parameters<Special>[2],
): readonly Operation[] => {
  const texts = valuesOf(rest, ['-x', '--exec'])
  const own = texts.flatMap((text) => nested.script(text, scope, 'git rebase -x'))
  const [verb, run] = told.words
  if (verb?.text !== 'run' || run === undefined) return own
  const argv = rest.slice(run.at)
  return [...own, ...nested.run({ argv, env: new Map(), stdin: nothingFed, writes: [] }, scope)]
}

export const git: readonly (readonly [string, Special])[] = [
  ['git', read],
  ['hub', read],
]
