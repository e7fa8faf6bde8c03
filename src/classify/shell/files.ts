/** Programs that take files away: by what they name. What a build makes anew, and what lies in a temporary folder, goes silently. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Nested, Special } from './nested.ts'
import { windows } from './windows.ts'
import { destroys, ordinary } from './operation.ts'
import { isDatabaseFile, isRoot, isThrowaway, isVolume } from './paths.ts'
import { nothingFed, programOf } from './run.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { Arg } from './arg.ts'

const instead =
  'name the very files, or have it moved aside; what a build makes goes without asking'

/** What goes with a path; null where it can be made again. */
function lost(name: string, path: Arg): Operation | null {
  if (isVolume(path.text))
    return destroys(
      name,
      ['data'],
      `takes \`${path.text}\` away: databases, volumes or backups live there`,
      instead,
    )
  if (isThrowaway(path)) return null
  if (isRoot(path.text))
    return destroys(
      name,
      ['data'],
      `takes \`${path.text}\` away: a system, a home or a disk`,
      instead,
    )
  if (isDatabaseFile(path.text))
    return destroys(name, ['data'], `takes \`${path.text}\` away: a database or a backup`, instead)
  return destroys(name, ['data'], `takes \`${path.text}\` and all below it away`, instead)
}

const rm: Special = ({ argv }) => {
  const { flags, words, behind } = argvOf(
    argv.slice(1),
    flagsOf('--preserve-root --interactive', '-r -f -R -v -i -d'),
  )
  const isDeep =
    ['-r', '-R', '--recursive', '--dir'].some((flag) => flags.has(flag)) ||
    has(flags, '--recursive')
  const paths = [...words, ...(behind ?? [])]
  if (flags.has('--help') || flags.has('--version')) return []
  // A file by its name is what editing does as well; a pattern at the top, a volume or a device is not.
  const grave = paths.filter(
    (path) =>
      isDeep ||
      isVolume(path.text) ||
      isRoot(path.text) ||
      isDatabaseFile(path.text) ||
      /^\/\*|^\*$|^~?\/?\*$/.test(path.text),
  )
  return grave.flatMap((path) => lost(isDeep ? 'rm -r' : 'rm', path) ?? [])
}

/** GNU tools take a long flag by its beginning: `--recurs`. */
function has(flags: ReadonlyMap<string, unknown>, wanted: string): boolean {
  return [...flags.keys()].some((flag) => flag.length > 3 && wanted.startsWith(flag))
}

const enders = new Set([';', '+', '\\;'])

const find: Special = ({ argv }, scope, nested) => {
  const args = argv.slice(1)
  const first = args.findIndex(
    ({ text }) => /^[-(!]/.test(text) && !/^-([HLPEXdsx]|O\d?|D)$/.test(text),
  )
  const before = (first < 0 ? args : args.slice(0, first)).filter(
    ({ text }) => !text.startsWith('-'),
  )
  const from = before.length > 0 ? before : [{ text: '.', isKnown: true, isGlob: false }]
  const found: Operation[] = []
  for (let at = 0; at < args.length; at += 1) {
    const text = args[at]?.text ?? ''
    if (text === '-delete') found.push(...from.flatMap((path) => lostBelow(path, args)))
    if (!/^-(exec|execdir|ok|okdir)$/.test(text)) {
      // The word behind these is their value, and no test of its own.
      if (
        /^-(name|iname|path|ipath|regex|iregex|newer|user|group|gid|uid|perm|size|type|fprint|fprintf|printf|mtime|atime|ctime|mmin|maxdepth|mindepth|wholename|lname|samefile|links|inum|fstype)$/.test(
          text,
        )
      )
        at += 1
      continue
    }
    const end = args.findIndex((one, nth) => nth > at && enders.has(one.text))
    const inner = args.slice(at + 1, end < 0 ? undefined : end)
    found.push(...from.flatMap((path) => executed(inner, path, { scope, nested, all: args })))
    at = end < 0 ? args.length : end
  }
  return found
}

/** `find build -delete` is as `rm -r build`; with tests it takes what they find. */
function lostBelow(path: Arg, args: readonly Arg[]): readonly Operation[] {
  const named = args.find((_, nth) => /^-i?name$/.test(args[nth - 1]?.text ?? ''))
  if (named !== undefined && isThrowaway(named) && !isVolume(path.text)) return []
  return [lost('find -delete', path) ?? []].flat()
}

function executed(
  inner: readonly Arg[],
  path: Arg,
  {
    scope,
    nested,
    all,
  }: { readonly scope: Scope; readonly nested: Nested; readonly all: readonly Arg[] },
): readonly Operation[] {
  const named = all.find((_, nth) => /^-i?name$/.test(all[nth - 1]?.text ?? ''))
  const place = named !== undefined && isThrowaway(named) ? named : path
  const argv = inner.map((one) =>
    one.text.includes('{}') ? { ...place, text: one.text.replaceAll('{}', place.text) } : one,
  )
  return argv.length === 0
    ? []
    : nested.run({ argv, env: new Map(), stdin: nothingFed, writes: [] }, scope)
}

const device = /^\/dev\/(?!null|zero|stdout|stderr|tty|fd\/|shm\/)/

const dd: Special = ({ argv }) => {
  const of =
    argv
      .map(({ text }) => text)
      .find((text) => text.startsWith('of='))
      ?.slice(3) ?? ''
  return device.test(of) || isVolume(of) ? [destroys('dd', ['data'], `writes over \`${of}\``)] : []
}

/** Whatever it is told to make anew is gone before. */
const format: Special = ({ argv }) => {
  const name = programOf(argv[0]?.text ?? '')
  const isShown = argv.some(({ text }) =>
    /^(-n|--help|--version|-V|-l|--list|--noheadings|-h)$/.test(text),
  )
  const on = argv.slice(1).find(({ text, isKnown }) => device.test(text) || !isKnown)
  return isShown || on === undefined
    ? [ordinary(name)]
    : [destroys(name, ['data'], `makes \`${on.text}\` anew: all on it is gone`)]
}

const shred: Special = ({ argv }) => {
  const paths = argv.slice(1).filter(({ text }) => !text.startsWith('-'))
  const isDeep = argv.some(({ text }) => /^-[a-z]*[rR]|^--recursive$/.test(text))
  return paths.flatMap((path) => {
    if (device.test(path.text)) return destroys('shred', ['data'], `writes over \`${path.text}\``)
    return isDeep || isVolume(path.text) || isRoot(path.text) || isDatabaseFile(path.text)
      ? (lost('shred', path) ?? [])
      : []
  })
}

const truncate: Special = ({ argv }) => {
  const paths = argv.slice(1).filter(({ text }) => !text.startsWith('-'))
  return paths.flatMap((path) =>
    isVolume(path.text) || isDatabaseFile(path.text)
      ? destroys('truncate', ['data'], `cuts \`${path.text}\` off`)
      : [],
  )
}

/** Moving a volume away is as taking it. */
const mv: Special = ({ argv }) => {
  const { words } = argvOf(argv.slice(1), flagsOf('-t -S --target-directory --suffix'))
  const gone = words.slice(0, -1).filter(({ text }) => isVolume(text) || isRoot(text))
  const isNull = words.at(-1)?.text === '/dev/null'
  return [...gone, ...(isNull ? words.slice(0, -1) : [])].map(({ text }) =>
    destroys('mv', ['data'], `moves \`${text}\` away from where it is used`),
  )
}

const rsync: Special = ({ argv }: Run) => {
  const { flags, words } = argvOf(
    argv.slice(1),
    flagsOf(
      '-e --rsh --exclude --include --filter -f --password-file --port --bwlimit --files-from --exclude-from -T --log-file --chmod --chown --backup-dir --suffix',
    ),
  )
  const isShown = flags.has('-n') || flags.has('--dry-run') || flags.has('--list-only')
  const takes = [...flags.keys()].find((flag) => /^--(del$|delete|remove-source-files)/.test(flag))
  const to = words.at(-1)
  if (
    takes === undefined ||
    isShown ||
    to === undefined ||
    (isThrowaway(to) && takes !== '--remove-source-files')
  )
    return []
  return [
    destroys(
      `rsync ${takes}`,
      ['data'],
      `takes away at \`${to.text}\` what is not at its source`,
      'run it with `--dry-run` first',
    ),
  ]
}

/** `tar --remove-files`, `zip -m`, `7z -sdel`: what went into the archive is gone from its place. */
const archives: Special = ({ argv }) => {
  const name = programOf(argv[0]?.text ?? '')
  const args = argv.slice(1)
  const takes = args.some(({ text }) =>
    name === 'zip'
      ? /^-[a-zA-Z]*m[a-zA-Z]*$|^--move$/.test(text)
      : text === '--remove-files' || text === '-sdel',
  )
  const paths = args.filter(({ text }) => !text.startsWith('-')).slice(1)
  const gone = takes ? paths.flatMap((path) => lost(`${name} away`, path) ?? []) : []
  return gone.length > 0 ? gone : null
}

export const files: readonly (readonly [string, Special])[] = [
  ['rm', rm],
  ['unlink', rm],
  ...windows,
  ['find', find],
  ['gfind', find],
  ['dd', dd],
  ['shred', shred],
  ['srm', shred],
  ['wipe', shred],
  ['truncate', truncate],
  ['mv', mv],
  ['rsync', rsync],
  ...['tar', 'zip', '7z', '7za'].map((name) => [name, archives] as const),
  ...[
    'mkfs',
    'mkfs.ext4',
    'mkfs.ext3',
    'mkfs.ext2',
    'mkfs.xfs',
    'mkfs.btrfs',
    'mkfs.vfat',
    'mkfs.fat',
    'mkfs.ntfs',
    'mke2fs',
    'mkswap',
    'wipefs',
    'sgdisk',
    'sfdisk',
    'fdisk',
    'parted',
    'blkdiscard',
    'cryptsetup-x',
    'badblocks',
  ].map((name) => [name, format] as const),
]
