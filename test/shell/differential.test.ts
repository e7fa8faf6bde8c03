/** The words of each command, as another parser of another author tells them: where both know a command whole, they agree. */
import fc from 'fast-check'
import sh from 'mvdan-sh'
import { parse } from 'unbash'
import { expect, test } from 'vitest'
import { Scope } from '../../src/classify/shell/scope.ts'
import { walk } from '../../src/classify/shell/walk.ts'
import { grave, quiet } from './lines.ts'

const { syntax } = sh
type Part = Parameters<typeof syntax.NodeType>[0] & {
  readonly Value?: string
  readonly Parts?: readonly Part[]
  readonly Dollar?: boolean
}

/** Null where a part of it is not known before it runs. */
function literal(part: Part, isQuoted = false): string | null {
  const kind = syntax.NodeType(part)
  const value = part.Value ?? ''
  if (kind === 'SglQuoted') return part.Dollar === true ? null : value
  if (kind === 'DblQuoted') return all((part.Parts ?? []).map((one) => literal(one, true)))
  if (kind !== 'Lit') return null
  if (!isQuoted && /(^|[^\\])[*?[\]{}~]|^~/.test(value)) return null
  return isQuoted ? value.replaceAll(/\\([$`"\\\n])/g, '$1') : value.replaceAll(/\\([\s\S])/g, '$1')
}

const all = (texts: readonly (string | null)[]): string | null =>
  texts.some((one) => one === null) ? null : texts.join('')

function theirs(text: string): readonly string[] | null {
  const found: string[] = []
  try {
    syntax.Walk(syntax.NewParser().Parse(text, ''), (node) => {
      if (node === null || syntax.NodeType(node) !== 'CallExpr') return true
      const words = (node.Args ?? []).map(({ Parts }) => all(Parts.map((one) => literal(one))))
      if (words.length > 0 && !words.includes(null)) found.push(JSON.stringify(words))
      return true
    })
    return found.toSorted()
  } catch {
    // What it does not read says nothing.
    return null
  }
}

function ours(text: string): readonly string[] {
  const found: string[] = []
  walk(parse(text), new Scope(() => null), {
    run: ({ argv }) => {
      const isWhole =
        argv.length > 0 && argv[0]?.text !== '[' && argv.every((one) => one.isKnown && !one.isGlob)
      if (isWhole) found.push(JSON.stringify(argv.map((one) => one.text)))
    },
    unread: () => {},
  })
  return found.toSorted()
}

// Variables, loops, braces and functions are followed here and not there.
const isFollowed = /[$~{}]|\bfor\b|\balias\b|\(\)/
const plain = [...grave, ...quiet].filter((text) => !isFollowed.test(text))

test.each(plain)('%s', (text) => {
  const other = theirs(text)
  if (other !== null) expect(ours(text)).toEqual(other)
})

test('most lines are compared', () => {
  expect(plain.filter((text) => theirs(text) !== null).length).toBeGreaterThan(80)
})

const ways: readonly ((text: string) => string)[] = [
  (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  (text) => `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`,
  (text) => text.replaceAll(/[^\w./:=@%+,-]/g, (one) => (one === '\n' ? "'\n'" : `\\${one}`)),
]

test('any words, quoted in any way, come back as they were', () => {
  const word = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/[\0\r]/.test(text))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, fc.constantFrom(...ways)), { minLength: 1, maxLength: 6 }),
      (words) => {
        const text = `x ${words.map(([one, quote]) => quote(one)).join(' ')}`
        const wanted = JSON.stringify(['x', ...words.map(([one]) => one)])
        expect(ours(text)).toEqual([wanted])
        const other = theirs(text)
        if (other?.length === 1) expect(other).toEqual([wanted])
      },
    ),
    { numRuns: 1500 },
  )
})
