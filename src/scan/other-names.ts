/** One content, many paths: git lists a blob of the history under one of them, and a rule that goes by the file may be for another. */
import type { Eye } from './look.ts'
import type { NamedObject } from './named-objects.ts'

export interface OtherNames {
  /** Under this path it was looked at. */
  looked(id: string, path: string): void
  /** It had this path too, as git prints it in a list; true where it is to be looked at again for that. */
  met(id: string, printed: string): boolean
  readonly again: readonly NamedObject[]
  /** There were more than are looked at again. */
  isCut(): boolean
}

/** So many that one has to be looking for trouble to have more. */
const mostAgain = 20_000

/** Paths for which the same rules hold are as one. */
export function openOtherNames(eye: Eye, most = mostAgain): OtherNames {
  const done = new Set<string>()
  const again: NamedObject[] = []
  let isCut = false
  const isNew = (id: string, path: string): boolean => {
    const place = eye.placeOf(path)
    if (place === '' || done.has(`${id} ${place}`)) return false
    done.add(`${id} ${place}`)
    return true
  }
  return {
    looked: (id, path) => {
      isNew(id, path)
    },
    met: (id, printed) => {
      const path = unquoted(printed)
      if (isCut || !isNew(id, path)) return false
      if (again.length >= most) isCut = true
      else again.push({ id, path })
      return !isCut
    },
    again,
    isCut: () => isCut,
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** As git quotes a path (core.quotePath, git-config(1)): in C's way, each byte beyond ASCII by its number. `printed` has one byte a character. */
function unquoted(printed: string): string {
  const bytes = printed.startsWith('"')
    ? printed
        .slice(1, -1)
        .replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) =>
          code.length === 3
            ? String.fromCharCode(Number.parseInt(code, 8))
            : (escapes[code] ?? code),
        )
    : printed
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
