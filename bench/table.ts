/** Puts what a benchmark has measured into docs/performance.md, between the marks of its own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../docs/performance.md')

/** `name` as in `<!-- bench:NAME -->`, up to the next `<!-- end -->`. Throws where the document has no such place: numbers go nowhere else. */
export function writeTable(name: string, text: string): void {
  const place = new RegExp(String.raw`<!-- bench:${name} -->\n[\s\S]*?<!-- end -->`)
  const before = readFileSync(file, 'utf8')
  if (!place.test(before)) throw new Error(`docs/performance.md has no place for bench:${name}`)
  writeFileSync(
    file,
    before.replace(place, () => `<!-- bench:${name} -->\n${text}\n<!-- end -->`),
  )
}
