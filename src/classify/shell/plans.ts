/** `terraform apply FILE`, `pulumi up --plan FILE`: what the plan says that it would take away, where it is the very file that will be applied. */
import { applied } from '../plan/change.ts'
import type { PlanRead } from '../plan/change.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Argv, Word } from './argv.ts'
import type { Arg } from './arg.ts'
import type { Nested, Special } from './nested.ts'
import { ordinary } from './operation.ts'
import { programOf } from './run.ts'
import type { Run } from './run.ts'

const flags = flagsOf(
  '-target -var -var-file -state -state-out -backup -parallelism -lock-timeout -lock -input -compact-warnings-x -replace',
  '-auto-approve -destroy -json -no-color -compact-warnings -refresh-only',
  true,
)

/** Flags under which a plan's file is not all that is applied: the tables say what those do. */
const beside = ['-destroy', '-replace', '-target', '-refresh-only', '-var', '-var-file'].flatMap(
  (flag) => [flag, `-${flag}`],
)

const terraform: Special = (run, _, nested) => {
  const told = argvOf(run.argv.slice(1), flags)
  const [verb, ...files] = told.words
  if (verb?.text !== 'apply' || files.length === 0 || isOther(told)) return null
  const name = `${programOf(run.argv[0]?.text ?? '')} apply`
  const isChanged = [...run.env.keys()].some((key) => key.startsWith('TF_CLI_ARGS'))
  const folder = isChanged ? null : folderOf(valuesOf(told, '-chdir --chdir'), nested)
  return [applied(name, readAt(files, folder, nested)) ?? ordinary(name)]
}

const pulumiFlags = flagsOf(
  '-s --stack -C --cwd -c --config --config-file -m --message -p --parallel --color --plan -t --target --replace --target-replace --exclude --policy-pack --policy-pack-config --attach-debugger -v --verbose --tracing --profiling --memprofilerate',
  '-y --yes -f --skip-preview -r --refresh --diff -j --json --non-interactive --logtostderr --logflow --suppress-outputs --suppress-progress --suppress-permalink --continue-on-error --target-dependents --expect-no-changes --show-config --show-sames --show-full-output -e --emoji --disable-integrity-checking -d --debug --run-program',
)

const pulumi: Special = (run, _, nested) => {
  const told = argvOf(run.argv.slice(1), pulumiFlags)
  const [verb, ...more] = told.words
  const files = valuesOf(told, '--plan')
  if (!/^(up|update)$/.test(verb?.text ?? '') || more.length > 0 || files.length === 0) return null
  const folder = folderOf(valuesOf(told, '-C --cwd'), nested)
  return [applied('pulumi up', readAt(files, folder, nested)) ?? ordinary('pulumi up')]
}

function valuesOf({ flags: found }: Argv, names: string): readonly Arg[] {
  return names.split(' ').flatMap((name) => found.get(name) ?? [])
}

/** A word that may be a flag's value is none that is known. */
type Named = Arg & Partial<Pick<Word, 'isMaybeValue'>>

function readAt(files: readonly Named[], folder: string | null, nested: Nested): PlanRead {
  const file = fileOf(files)
  if (file === null) return { why: 'which file it is, nobody can tell before it runs' }
  if (folder === null) return { why: `\`${file}\` ${another}` }
  const read = nested.about.readers.plan?.(within(folder, file))
  return read ?? { why: `\`${file}\` was not read` }
}

const another =
  'may be another file by then: have it planned, and apply it by a command of its own in its folder'

/** The one file that is named, as it is written. */
function fileOf([file, ...more]: readonly Named[]): string | null {
  const isOne = file !== undefined && more.length === 0
  return isOne && file.isKnown && !file.isGlob && file.isMaybeValue !== true ? file.text : null
}

function isOther({ flags: found }: Argv): boolean {
  return [...beside, '-help', '--help', '-h'].some((flag) => found.has(flag))
}

/** Where it runs, as far as the text says: it stands first in it, or behind one `cd`. Null where anything else came before, and may have changed the file. */
function folderOf(dirs: readonly Arg[], { before }: Nested): string | null {
  const [first, ...more] = before
  const moved = first === undefined ? '' : movedTo(first)
  if (more.length > 0 || moved === null) return null
  const chdir = dirs.at(-1)
  if (chdir === undefined) return moved
  return chdir.isKnown ? within(moved, chdir.text) : null
}

/** `cd infra`, and nothing but that. */
function movedTo({ argv: [program, dir, ...more], writes }: Run): string | null {
  const isMove = program?.text === 'cd' && more.length === 0 && writes.length === 0
  return isMove && dir?.isKnown === true && /^[\w./]/.test(dir.text) ? dir.text : null
}

function within(folder: string, path: string): string {
  if (path.startsWith('/') || folder === '') return path
  return path === '' ? folder : `${folder}/${path}`
}

export const plans: readonly (readonly [string, Special])[] = [
  ...['terraform', 'tofu', 'opentofu'].map((name) => [name, terraform] as const),
  ['pulumi', pulumi],
]
