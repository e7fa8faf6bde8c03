/** A rule as data: the keyword that makes a place worth a look, the expression that is tried there, and a last check. */

export type Groups = Readonly<Record<string, string | undefined>>

export interface Rule {
  readonly id: string
  readonly provider: string
  /** Three bytes or more, in lower case; found whatever their case. */
  readonly keywords: readonly string[]
  /** Tried where the keyword begins, over a bounded piece; the group `secret` is the secret. Every repetition is bounded. */
  readonly pattern: RegExp
  /** How many bytes of a token must follow the keyword: a quick no for most places. */
  readonly least: number
  /** How many bytes from the keyword on the pattern may see. */
  readonly most: number
  /** A character that must come before white space does: another quick no. */
  readonly marked: string | null
  /** A letter or digit may stand right before the keyword. */
  readonly glued: boolean
  readonly low: boolean
  /** A last check of the match's groups, and of what stands before it on its line. */
  readonly check: (groups: Groups, left: string) => boolean
  /** What the platform itself puts before each such token, so that it may be shown. */
  readonly starts: readonly string[]
  /** People choose it, so it can be guessed and is stretched before it is hashed. */
  readonly guessable: boolean
  /** Whose it is, where a group of the match tells; null: the rule's own provider. */
  readonly whose: (groups: Groups, left: string) => string | null
  /** Files that the rule is for; null: all. */
  readonly files: RegExp | null
  /** How many bytes on both sides of the keyword are searched, where the keyword only tells that a platform is near. */
  readonly around: number
}

const base = {
  least: 0,
  marked: null,
  most: 512,
  glued: false,
  low: false,
  check: () => true,
  whose: () => null,
  files: null,
  around: 0,
  starts: [],
  guessable: false,
} as const

type Options = Partial<Omit<Rule, 'id' | 'provider' | 'keywords' | 'pattern'>>

/**
 * Of these characters, so many in a row are no name before a token: else each of a thousand keywords in one run of them would be
 * tried over all the rest of it.
 */
const run = (characters: string): string => (characters === '' ? '' : `(?<![${characters}]{100})`)

/** A token that says itself what it is: it begins with one of the starts, and `rest` follows. */
export function shape(
  id: string,
  provider: string,
  [starts, rest]: readonly [starts: readonly string[], rest: string],
  { alone = '', ...options }: Options & { readonly alone?: string } = {},
): Rule {
  const start = starts.map(escape).join('|')
  return {
    ...base,
    id,
    provider,
    keywords: [...new Set(starts.map((text) => text.toLowerCase()))],
    starts,
    pattern: new RegExp(`${run(alone)}(?<secret>(?:${start})${rest})(?![A-Za-z0-9_])`, 'dy'),
    ...options,
  }
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)

/** What may stand between a name and its value: `=`, `: `, `=> '`, `?? "`, `, "value": "`, `=${NAME:-`. */
const between =
  String.raw`["'\x60\])]{0,3}\s{0,8}(?:=>|:=|:-|\?\?|\|\||[:=,]|[ \t]|\n)\s{0,24}` +
  String.raw`(?:["']?value["']?\s{0,4}[:=]\s{0,4})?(?:\\?["'\x60]{1,3}|\$\{\w{1,60}:?-)?(?:(?:Bearer|Basic|token)\s)?`
const credential = '(?:token|key|secret|pass|pat|auth|credential|pw)'

/** A value without a look of its own, under a name that has one of these words and one for a credential: `RAILWAY_TOKEN`. */
export function named(
  id: string,
  provider: string,
  [words, value]: readonly [words: readonly string[], value: string],
  options: Options = {},
): Rule {
  const word = `(?:${words.map(escape).join('|')})`
  return {
    ...base,
    id,
    provider,
    keywords: words,
    pattern: new RegExp(
      `${either(word)}(?=[\\w.-]{0,40}${either(credential)})[\\w.-]{0,60}${between}(?<secret>${value})(?![A-Za-z0-9_+/-])`,
      'dy',
    ),
    glued: true,
    ...options,
  }
}

/** A value under these very names. */
export function called(
  id: string,
  provider: string,
  [names, value]: readonly [names: readonly string[], value: string],
  options: Options = {},
): Rule {
  return {
    ...base,
    id,
    provider,
    keywords: names,
    pattern: new RegExp(
      `${either(`(?:${names.map(escape).join('|')})`)}${between}(?<secret>${value})(?![A-Za-z0-9_+/-])`,
      'dy',
    ),
    ...options,
  }
}

/** A value without a look of its own under a credential's name, near to where a platform's own address stands. */
export function near(
  id: string,
  provider: string,
  [hosts, value]: readonly [hosts: readonly string[], value: string],
  options: Options = {},
): Rule {
  const name = `(?<![\\w-])[\\w-]{0,40}${either('(?:token|key|secret|auth|authorization|bearer|password)')}`
  return {
    ...base,
    id,
    provider,
    keywords: hosts,
    pattern: new RegExp(`${name}${between}(?<secret>${value})(?![A-Za-z0-9_+/-])`, 'dg'),
    glued: true,
    around: 3000,
    ...options,
  }
}

/** A token whose middle gives it away: the keyword stands somewhere in it. */
export function within(
  id: string,
  provider: string,
  [keywords, value]: readonly [keywords: readonly string[], value: string],
  options: Options = {},
): Rule {
  const pattern = new RegExp(`(?<![A-Za-z0-9_-])(?<secret>${value})(?![A-Za-z0-9_-])`, 'dg')
  return { ...base, id, provider, keywords, pattern, glued: true, around: 200, ...options }
}

/** A rule for one kind of file alone: it is short, so the whole of it is searched, without keywords. */
export function place(
  id: string,
  provider: string,
  [file, value]: readonly [file: string, value: string],
  { ignoreCase = false, ...options }: Options & { readonly ignoreCase?: boolean } = {},
): Rule {
  return {
    ...base,
    id,
    provider,
    keywords: [],
    pattern: new RegExp(value, ignoreCase ? 'dgim' : 'dgm'),
    // Some disks know no capitals, and what reads such files asks for none.
    files: new RegExp(`(?:^|/)(?:${file})$`, 'i'),
    ...options,
  }
}

/** Any other rule: its pattern is tried where the keyword begins, and sees what stands before it by looking behind. */
export function rule(
  id: string,
  provider: string,
  [keywords, pattern]: readonly [keywords: readonly string[], pattern: RegExp],
  options: Options = {},
): Rule {
  return { ...base, id, provider, keywords, pattern, ...options }
}

/** The same pattern with each letter in both cases: the value behind it stays exact. */
function either(pattern: string): string {
  return pattern.replaceAll(/\\.|[a-z]/g, (part) =>
    part.length > 1 ? part : `[${part}${part.toUpperCase()}]`,
  )
}
