/** A text for the shell of MongoDB: not run; the calls that take documents, or their guards, away are known by name. */
import type { DestroyKind } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { destroys, unread } from './operation.ts'

const always: ReadonlyMap<string, DestroyKind> = new Map([
  ['dropDatabase', 'container'],
  ['drop', 'data'],
  ['dropIndexes', 'outage'],
  ['renameCollection', 'overwrite'],
  ['dropUser', 'account'],
  ['dropAllUsers', 'account'],
  ['dropRole', 'account'],
  ['dropAllRoles', 'account'],
  ['shutdownServer', 'outage'],
  ['removeShard', 'container'],
  ['convertToCapped', 'data'],
])

/** What they take is bound by their first argument. */
const bound = new Set(['deleteMany', 'remove', 'updateMany', 'replaceMany'])

const calls = new RegExp(`\\.\\s*(${[...always.keys(), ...bound].join('|')})\\s*\\(`, 'g')

/** A filter that leaves nothing out. */
const everything =
  /^\s*(\{\s*\}|\{\s*["']?_id["']?\s*:\s*\{\s*["']?\$(exists|ne)["']?\s*:\s*(true|null|["']{2})\s*\}\s*\}|\{\s*["']?\$where["']?\s*:\s*["']?(true|1)\b.*)?\s*$/s

const commands =
  /\b(?:runCommand|adminCommand)\s*\(\s*\{\s*["']?(dropDatabase|drop|dropAllUsersFromDatabase|dropUser|shutdown|renameCollection|dropIndexes|removeShard|convertToCapped)["']?\s*:/g

const programsIn = (text: string): readonly Operation[] =>
  /\bchild_process\b/.test(text)
    ? [unread('mongosh', 'runs programs of the machine by their name')]
    : []

export function mongoText(text: string): readonly Operation[] {
  // `db["drop"]` is `db.drop`.
  const code = bare(text.replaceAll(/\[\s*["'](\w+)["']\s*\]/g, '.$1'))
  const found: Operation[] = [...programsIn(text)]
  for (const { 1: name = '', index, 0: call } of code.matchAll(calls)) {
    const kind = always.get(name) ?? 'data'
    if (
      bound.has(name) &&
      !everything.test(first(code.slice(index + call.length, index + call.length + mostFilter)))
    )
      continue
    found.push(destroys(`mongo ${name}`, [kind], `\`${name}\` takes documents away`))
  }
  for (const { 1: name = '' } of code.matchAll(commands))
    found.push(
      destroys(
        `mongo ${name}`,
        [always.get(name) ?? (name === 'shutdown' ? 'outage' : 'data')],
        `the command \`${name}\` takes documents away`,
      ),
    )
  if (/["']?\$(out)["']?\s*:/.test(code))
    found.push(destroys('mongo $out', ['overwrite'], 'writes over a collection'))
  if (/(^|[;\s])load\s*\(/.test(code))
    found.push(unread('mongo load', 'would run a file that nobody here has read'))
  return found
}

/** A filter that is longer binds something. */
const mostFilter = 2000

/** The first argument, up to the comma or bracket that ends it. */
function first(rest: string): string {
  let depth = 0
  for (let at = 0; at < rest.length; at += 1) {
    const letter = rest[at] ?? ''
    if ('([{'.includes(letter)) depth += 1
    else if (depth === 0 && ',)'.includes(letter)) return rest.slice(0, at)
    else if (')]}'.includes(letter)) depth -= 1
  }
  return rest
}

/** Comments taken out, and what stands in quotes cut to nothing, unless it is a name (`db['x'].drop()`). */
function bare(text: string): string {
  return text.replaceAll(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[^]*?\*\/|(?<![:\w])\/\/[^\n]*/g,
    (one) => (one.startsWith('/') ? ' ' : /^.[\w$]*.$/.test(one) ? one : "'…'"),
  )
}
