/** What the running processes of the same user have in their environment and on their line: another process may read both. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findIn } from './find.ts'
import type { FindOptions } from './find.ts'
import type { Found } from './found.ts'

/** The same variables are handed down to many: each secret is told of the first process that has it under this name. */
export function* findInProcesses(
  uid: number,
  { proc = '/proc', ...options }: Partial<FindOptions> & { readonly proc?: string } = {},
): Generator<Found> {
  const told = new Set<string>()
  for (const pid of pidsOf(proc)) {
    if (ownerOf(join(proc, pid)) !== uid) continue
    const shown = `process ${pid} (${read(join(proc, pid, 'comm')).trim()})`
    const environment = read(join(proc, pid, 'environ')).split('\0')
    const line = read(join(proc, pid, 'cmdline')).replaceAll('\0', ' ')
    const found = [
      ...environment.flatMap((each) => findIn(each, 'environment', options)),
      ...findIn(line, 'cmdline', options),
    ]
    for (const each of found) {
      const key = `${each.id} ${each.name ?? ''}`
      if (!told.has(key)) yield { ...each, source: 'process', at: { ...each.at, file: shown } }
      told.add(key)
    }
  }
}

function pidsOf(proc: string): readonly string[] {
  try {
    return readdirSync(proc)
      .filter((name) => /^\d+$/.test(name))
      .toSorted((a, b) => Number(a) - Number(b))
  } catch {
    // There is no such folder: this system shows processes in another way, or not.
    return []
  }
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid
  } catch {
    // It has ended meanwhile.
    return null
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended, or may not be looked at: there is nothing to find for us, nor for an agent.
    return ''
  }
}
