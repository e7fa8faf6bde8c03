/** Tables that are put together of many modules, for a bundle: each part stays unmade until one of its names is asked for. */
import { basename, join } from 'node:path'

/** By the file that puts them together: whether a name may stand in several parts, or the last one counts. */
const tables: ReadonlyMap<string, 'all' | 'last'> = new Map([
  ['shell/tools/known.ts', 'all'],
  ['shell/special.ts', 'last'],
])

type Part = readonly (readonly [string, unknown])[]

/** The text of such a file as one that knows its parts by their names; any other text as it is. */
export async function lazyTable(path: string, text: string): Promise<string> {
  const [at, counts] = [...tables].find(([file]) => path.endsWith(`/classify/${file}`)) ?? []
  if (at === undefined) return text
  const imports = [...text.matchAll(/^import \{ (\w+) \} from '(\.\/[\w-]+\.ts)'$/gm)]
  const name = /^export const (\w+): ReadonlyMap</m.exec(text)?.[1]
  const listed = [...text.matchAll(/^ {2}\.\.\.(\w+),$/gm)].map(([, part = '']) => part)
  const parts = await Promise.all(
    listed.map(async (part) => {
      const file = imports.find(([, exported]) => exported === part)?.[2]
      if (file === undefined)
        throw new Error(`${basename(path)} lists ${part} and does not import it`)
      return { part, names: namesIn(await load(join(path, '..', file), part)) }
    }),
  )
  if (name === undefined || parts.length === 0) throw new Error(`${path} has no table`)
  return [
    ...imports.map(([line]) => line),
    `const parts = [${parts.map(({ part, names }) => `[' ${names.join(' ')} ', () => ${part}]`).join(',\n')}]`,
    counts === 'all' ? ofAll : ofLast,
    `export const ${name} = { get }`,
  ].join('\n')
}

async function load(file: string, part: string): Promise<Part> {
  const module: Readonly<Record<string, Part>> = await import(file)
  return module[part] ?? []
}

function namesIn(part: Part): readonly string[] {
  const names = [...new Set(part.map(([name]) => name))]
  const odd = names.find((name) => /['\\\s]/.test(name))
  if (odd !== undefined) throw new Error(`a bundle cannot look for \`${odd}\``)
  return names
}

const found = `function found(name) {
  return parts
    .filter(([names]) => names.includes(' ' + name + ' '))
    .flatMap(([, part]) => part().filter((row) => row[0] === name))
    .map((row) => row[1])
}
`
const ofAll = `${found}function get(name) {
  return found(name)
}`
const ofLast = `${found}function get(name) {
  return found(name).at(-1)
}`
