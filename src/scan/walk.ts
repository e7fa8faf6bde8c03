/** The files under a folder, ignored ones too, each once: links in circles lead nowhere. */
import { opendirSync, realpathSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { messageOf } from '../base/error.ts'

export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly shown: string }
  | { readonly kind: 'unreadable'; readonly shown: string; readonly why: string }

/** Folders whose bytes are packed: what is in them is read another way (`history.ts`). */
const packed = /(?:^|\/)\.git\/(?:objects|lfs|annex|modules\/.*\/objects)$/

/** Depth first, by name within a folder, so that two runs tell the same order. */
export function* walk(root: string, skip: (shown: string) => boolean): Generator<Step> {
  const top = realpathSync(root)
  const folders: string[] = ['']
  for (let shown = folders.pop(); shown !== undefined; shown = folders.pop()) {
    const folder = shown
    const entries = listed(join(top, folder))
    if (typeof entries === 'string') {
      yield { kind: 'unreadable', shown: folder === '' ? '.' : folder, why: entries }
      continue
    }
    const deeper: string[] = []
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (skip(name)) continue
      if (entry.isDirectory() && !packed.test(name)) deeper.push(name)
      else yield* stepOf(entry, top, name)
    }
    folders.push(...deeper.toReversed())
  }
}

function* stepOf(entry: Dirent, top: string, shown: string): Generator<Step> {
  const path = join(top, shown)
  if (entry.isFile()) yield { kind: 'file', path, shown }
  else if (entry.isSymbolicLink()) yield* linked(top, path, shown)
  else if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
    yield { kind: 'unreadable', shown, why: 'it is no regular file' }
}

/** A link to a file elsewhere is read as its file; what lies under the same root is met there anyway. */
function* linked(top: string, path: string, shown: string): Generator<Step> {
  try {
    const real = realpathSync(path)
    if (!relative(top, real).startsWith(`..${sep}`)) return
    if (statSync(real).isFile()) yield { kind: 'file', path: real, shown }
    else yield { kind: 'unreadable', shown, why: 'it leads out of the folder that was asked for' }
  } catch (thrown) {
    const why = messageOf(thrown).split(',')[0] ?? ''
    // A link to what is not there hides nothing.
    if (!why.startsWith('ENOENT')) yield { kind: 'unreadable', shown, why }
  }
}

function listed(folder: string): readonly Dirent[] | string {
  try {
    const open = opendirSync(folder, { bufferSize: 256 })
    const entries: Dirent[] = []
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) entries.push(entry)
    open.closeSync()
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (thrown) {
    return messageOf(thrown).split(',')[0] ?? ''
  }
}
