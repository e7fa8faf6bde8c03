/** What a file becomes, line by line, for a person to read: no secret stands in it. */
import { structuredPatch } from 'diff'
import type { FileChange } from '../hosts/host.ts'
import { grantMark } from './served.ts'

/** `secrets`: each with what is shown in its place. `shown`: the file's name. */
export function diffOf(
  { before, after }: FileChange,
  shown: string,
  secrets: readonly (readonly [text: string, shown: string])[],
): readonly string[] {
  const hide = (text: string): string =>
    [...secrets, [grantMark, 'fbk_…'] as const].reduce(
      (so, [secret, mask]) => so.replaceAll(secret, mask),
      text,
    )
  const { hunks } = structuredPatch(shown, shown, hide(before ?? ''), hide(after), '', '', {
    context: 1,
  })
  return [
    before === null ? `+++ ${shown} (new)` : `--- ${shown}`,
    ...hunks.flatMap(({ oldStart, lines }) => [`@@ line ${oldStart}`, ...lines]),
  ]
}
