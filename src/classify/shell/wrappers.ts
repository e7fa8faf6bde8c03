/** What a program runs that runs what stands behind it. It is judged; the wrapper itself does nothing. */
import { argvOf } from './argv.ts'
import type { Argv, Flags } from './argv.ts'
import type { Fed } from './run.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

/** What a wrapper runs. */
export type Inner =
  /** A program with its words. */
  | { readonly kind: 'argv'; readonly argv: readonly Arg[]; readonly isFed: boolean }
  /** A text for a shell. */
  | { readonly kind: 'script'; readonly text: Arg }

export interface Wrapper {
  readonly flags: Flags
  /** Words before the command: `timeout 5 CMD`, `ssh HOST CMD`. */
  readonly skip: number
  /** The words by which it becomes one: `docker exec`; the first is the program. */
  readonly sub: readonly string[]
  /** The command is one text, or its words are joined to one. */
  readonly isScript: boolean
  /** Flags whose value is a text for a shell: `-c`. */
  readonly texts: readonly string[]
  /** It needs `--` before the command, or there is none. */
  readonly needsDashes: boolean
  /** `A=b` before the command sets a variable. */
  readonly sets: boolean
  /** The word before the command may be a program's own image: `docker run restic/restic forget`. */
  readonly isImage: boolean
  /** It adds words of its own that nobody here knows: `xargs`. */
  readonly adds: boolean
}

/** What it runs with these words behind its name; nothing where it runs nothing (`sudo -v`, `docker ps`). `fed`: what it reads. */
export function innerOf(wrapper: Wrapper, args: readonly Arg[], fed: Fed): readonly Inner[] {
  const from = begins(wrapper.sub, args)
  if (from === null) return []
  const rest = args.slice(from).filter(({ text }, nth) => nth > 0 || text !== '-')
  const { flags, words, behind } = argvOf(rest, withTexts(wrapper), wrapper.skip)
  const argv = behind ?? (wrapper.needsDashes ? [] : restBehind(rest, wrapper, words.length))
  const texts = wrapper.texts.flatMap((flag) => flags.get(flag) ?? [])
  if (texts.length > 0)
    return texts.map((text): Inner => ({
      kind: 'script',
      text: joined([text, ...(wrapper.skip > 50 ? [] : argv)]),
    }))
  const told = wrapper.sets ? behindSets(argv) : argv
  if (wrapper.adds) return added(told, flags, fed)
  const entry = flags.get('--entrypoint')?.at(-1)
  return boxed(wrapper, { first: words[0], entry, rest, told })
}

/** In a container the image, or what it is told to begin with, may be the program. */
function boxed(
  { isImage, isScript }: Wrapper,
  {
    first,
    entry,
    rest,
    told,
  }: {
    readonly first: Argv['words'][number] | undefined
    readonly entry: Arg | undefined
    readonly rest: readonly Arg[]
    readonly told: readonly Arg[]
  },
): readonly Inner[] {
  const after = first === undefined ? [] : rest.slice(first.at + 1)
  if (isImage && first !== undefined) return contained(entry ?? first, after, told)
  const own = wholly(told, isScript)
  return entry === undefined ? own : [...own, ...wholly([entry, ...after], false)]
}

function behindSets(argv: readonly Arg[]): readonly Arg[] {
  const at = argv.findIndex(({ text }) => !/^[^\s=/]+=/.test(text))
  return at < 0 ? [] : argv.slice(at)
}

/** Joined to one text quotes are lost: it is read both ways. */
function wholly(told: readonly Arg[], isScript: boolean): readonly Inner[] {
  if (told.length === 0) return []
  const whole: Inner = { kind: 'argv', argv: told, isFed: true }
  return isScript
    ? [{ kind: 'script', text: joined(told) }, ...(told.length > 1 || isWord(told) ? [whole] : [])]
    : [whole]
}

const isWord = ([one]: readonly Arg[]): boolean => one !== undefined && /^\S+$/.test(one.text)

/** The command that it names, and the image as the program of all that stands behind it. */
function contained(image: Arg, behind: readonly Arg[], told: readonly Arg[]): readonly Inner[] {
  const program = { ...image, text: image.text.replace(/(?::[^/]*|@[^/]*)$/, ''), isKnown: true }
  return [...wholly(told, false), ...wholly([program, ...behind], false)]
}

function withTexts({ flags, texts }: Wrapper): Flags {
  const { valued, plain, isGo } = flags
  return { valued: new Set([...valued, ...texts]), plain, isGo }
}

/** What nobody here knows. */
const something: Arg = { text: '…', isKnown: false, isGlob: false }
/** Lines that a wrapper is fed, each for a run of its own. */
const mostLines = 12

/** `xargs` and `parallel`: each line of what it reads is put in the place of `{}`, or its words behind. */
function added(told: readonly Arg[], flags: Argv['flags'], fed: Fed): readonly Inner[] {
  const at = told.findIndex(({ text }) => /^:::\+?$/.test(text))
  const command = at >= 0 ? told.slice(0, at) : told
  const mark =
    ['-I', '-J', '--replace', '-i']
      .map((flag) => flags.get(flag)?.at(-1)?.text)
      .find((one) => one !== undefined) ?? '{}'
  const isMarked = mark !== '' && command.some(({ text }) => text.includes(mark))
  const isSplit =
    !isMarked && !['-0', '-d', '--null', '--delimiter'].some((flag) => flags.has(flag))
  const lines = at >= 0 ? told.slice(at + 1).map((one) => [one]) : linesOf(fed, isSplit)
  return lines.slice(0, mostLines).flatMap((line): readonly Inner[] => {
    const [first] = line
    if (command.length === 0) return [{ kind: 'script', text: joined(line) }]
    const argv =
      isMarked && first !== undefined
        ? command.map((one) => replaced(one, mark, first))
        : [...command, ...line]
    // `parallel 'rm -rf {}'`: a text, with what it is given behind.
    const isText = command.some(({ text }) => /\s/.test(text))
    return [
      { kind: 'argv', argv, isFed: false },
      ...(isText ? [{ kind: 'script' as const, text: joined(argv) }] : []),
    ]
  })
}

function replaced(one: Arg, mark: string, line: Arg): Arg {
  if (!one.text.includes(mark)) return one
  const text = one.text.replaceAll(mark, line.text)
  return { ...line, text, isKnown: one.isKnown && line.isKnown }
}

function linesOf(fed: Fed, isSplit: boolean): readonly (readonly Arg[])[] {
  if (fed.kind !== 'text') return [[something]]
  const lines = fed.text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0 || lines.length > mostLines) return [[something]]
  return lines.map((line) => (isSplit ? line.trim().split(/\s+/).map(argOf) : [argOf(line)]))
}

/** Where the words behind the sub command begin; null where it is another. Flags may stand between: `docker -H x exec`. */
function begins(sub: readonly string[], args: readonly Arg[]): number | null {
  let at = 0
  for (const word of sub) {
    while (args[at]?.text.startsWith('-') === true) at += 1
    // A flag before it may have taken a value.
    if (args[at]?.text !== word && args[at + 1]?.text === word && at > 0) at += 1
    if (args[at]?.text !== word) return null
    at += 1
  }
  return at
}

function restBehind(rest: readonly Arg[], { flags, skip }: Wrapper, found: number): readonly Arg[] {
  if (found < skip) return []
  const first = argvOf(rest, flags, skip + 1).words[skip]
  return first === undefined ? [] : rest.slice(first.at)
}

function joined(args: readonly Arg[]): Arg {
  return {
    ...argOf(args.map(({ text }) => text).join(' ')),
    isKnown: args.every(({ isKnown }) => isKnown),
  }
}
