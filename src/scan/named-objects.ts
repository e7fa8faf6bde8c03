/** Objects of a repository, each under a name that the asker gives: by that name its rules go. */
import { eye } from './eye.ts'
import { usual } from './find.ts'
import { gitOutput } from './git-run.ts'
import type { GitArguments } from './git-run.ts'
import { format, openObjects } from './objects.ts'
import type { SeenObject } from './objects.ts'

export interface NamedObject {
  readonly id: string
  readonly path: string
}

/** How git is asked for objects. */
export const batch: GitArguments = ['cat-file', `--batch=${format}`, '--buffer']

/** A path may hold a line end, which git would take for the next question: each is asked with a number. */
export async function* namedObjects(
  folder: string,
  wanted: readonly NamedObject[],
  maxMs = usual.maxBlockMs,
): AsyncGenerator<SeenObject> {
  const objects = openObjects(eye(), maxMs, (nth) => wanted[Number(nth)]?.path ?? '')
  const text = wanted.map(({ id }, nth) => `${id} ${nth}\n`).join('')
  for await (const chunk of gitOutput(folder, batch, { text })) yield* objects.feed(chunk)
}
