/** What a file becomes, line by line, for a person to read: no secret stands in it. */
import { structuredPatch } from 'diff'
import { parseJson } from '../../base/json.ts'
import type { FileChange } from '../hosts/host.ts'
import { grantMark } from './served.ts'

/** `secrets`: each with what is shown in its place. `shown`: the file's name. Only lines that change are shown: what stands beside them is nobody's to see. */
export function diffOf(
  { before, after }: FileChange,
  shown: string,
  secrets: readonly (readonly [text: string, shown: string])[],
): readonly string[] {
  const plain = (text: string): string =>
    [...secrets, [grantMark, 'fbk_…'] as const].reduce(
      (so, [secret, mask]) => so.replaceAll(secret, mask),
      text,
    )
  const { hunks } = structuredPatch(shown, shown, before ?? '', after, '', '', { context: 0 })
  return [
    before === null ? `+++ ${shown} (new)` : `--- ${shown}`,
    ...hunks.flatMap(({ oldStart, lines }) => [
      `@@ line ${oldStart}`,
      ...lines.map((line) => plain(withoutEscapes(line, plain))),
    ]),
  ]
}

/** In JSON a secret may be written with escapes: a string that means one is shown as it means. */
function withoutEscapes(line: string, plain: (text: string) => string): string {
  return line.replaceAll(/"(?:[^"\\]|\\.)*"/g, (literal) => {
    const meant = literal.includes('\\') ? meantBy(literal) : null
    if (meant === null) return literal
    const shown = plain(meant)
    return shown === meant ? literal : JSON.stringify(shown)
  })
}

function meantBy(literal: string): string | null {
  try {
    const value = parseJson(literal)
    return typeof value === 'string' ? value : null
  } catch {
    // A string of another language than JSON.
    return null
  }
}
