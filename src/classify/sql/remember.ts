/** A reader that remembers what it has read: by the text, and by its shape where no number was looked at. */
import { openCache } from '../../base/cache.ts'
import { parametersOf, quietlyShown } from './operation.ts'
import { readAll } from './read.ts'
import type { ReadAll } from './read.ts'
import { shapeOf } from './shape.ts'
import type { SqlAbout, SqlSession, SqlStatement } from './statement.ts'

/** As `readSql`, and quicker for what comes again. One for each target. */
export function sqlReader(): (text: string, about: SqlAbout) => readonly SqlStatement[] {
  const texts = openCache<readonly SqlStatement[]>({
    ...kept,
    weigh: (found) => 500 * found.length,
  })
  const shapes = openCache<SqlStatement>({ ...kept, weigh: () => 500 })
  let last: SqlAbout | null = null
  const recall = (text: string, about: SqlAbout): readonly SqlStatement[] => {
    const known = texts.get(text)
    if (known !== null) return bound(known, about)
    const shape = shapeOf(text)
    const alike = shape === null ? null : shapes.get(shape)
    if (alike !== null) return bound([retold(alike, text)], about)
    const read = readAll(text, about)
    if (read.isFixed && text.length <= longestKept) texts.put(text, read.statements)
    const only = shape === null ? null : onlyOf(read, text)
    if (shape !== null && only !== null) shapes.put(shape, only)
    return read.statements
  }
  return (text, about) => {
    if (about.catalog !== last?.catalog || about.target !== last.target) {
      texts.clear()
      shapes.clear()
    }
    last = about
    return hasChanged(about.session) || about.types !== undefined
      ? readAll(text, about).statements
      : recall(text, about)
  }
}

/** True where this session has made or renamed what the catalog may not know: then nothing that was read before counts. */
function hasChanged(session: SqlSession | undefined): boolean {
  return session !== undefined && (session.functions.size > 0 || (session.renamed?.size ?? 0) > 0)
}

/** The statement that stands for all of its shape; null where the verdict hangs on more. */
function onlyOf({ statements, isFixed, isShape }: ReadAll, text: string): SqlStatement | null {
  const only = statements[0]
  return isFixed && isShape && only?.text === bareOf(text) ? only : null
}

const kept = { most: 5000, characters: 4_000_000 } as const
const longestKept = 16_384

/** The text of the only statement that it holds. */
function bareOf(text: string): string {
  return text.replace(/;\s*$/, '')
}

/** The same verdict for another text of the same shape. */
function retold(known: SqlStatement, text: string): SqlStatement {
  const bare = bareOf(text)
  const told = { parameters: parametersOf(bare, undefined), shown: quietlyShown(bare) }
  return { ...known, operation: { ...known.operation, ...told }, text: bare }
}

function isUnbound({ operation }: SqlStatement): boolean {
  return operation.parameters['values'] === undefined
}

/** What is bound belongs to the act, also where it does not change the verdict. */
function bound(statements: readonly SqlStatement[], { values }: SqlAbout): readonly SqlStatement[] {
  const isPlain = values === undefined && statements.every(isUnbound)
  // What only reads is the same act for every value: one object for all spares the guard its work.
  if (isPlain || statements.every(({ operation }) => operation.effect === 'read')) return statements
  return statements.map((each) => ({
    ...each,
    operation: { ...each.operation, parameters: parametersOf(each.text, values) },
  }))
}
