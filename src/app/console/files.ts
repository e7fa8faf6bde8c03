/** The page's files, read once: what is built lies beside the code, and nothing else is ever served. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PageFile {
  readonly body: Buffer
  readonly type: string
  /** Named by its content: a browser may keep it. */
  readonly isLasting: boolean
}

/** Where a company's provider sends people back to: the page itself, which takes what came from its address. */
export const backPath = '/signed-in'
/** And whoever gives the tokens of a target, once somebody has logged in there. */
export const loggedInPath = '/logged-in'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
}

/** By path, `/` being the page; empty where the page was not built. */
export function pageFiles(
  folder = join(import.meta.dirname, '../../../console/dist'),
): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const name of namesIn(folder)) {
    const type = types[name.split('.').at(-1) ?? '']
    if (type === undefined) continue
    const isLasting = /-[0-9a-f]{16}\.\w+$/.test(name)
    files.set(`/${name}`, { body: readFileSync(join(folder, name)), type, isLasting })
  }
  const page = files.get('/index.html')
  // Its own address, and those that others send people back to.
  if (page !== undefined) for (const path of ['/', backPath, loggedInPath]) files.set(path, page)
  return files
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Not built: whoever opens the page is told.
    return []
  }
}
