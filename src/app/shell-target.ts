/** A `platform: shell` target: what agents do on a machine, held there by the hook and approved here. */
import type { Json } from '../base/json.ts'
import { loadSql } from '../classify/payload-sql.ts'
import { noRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Resource } from '../core/resource.ts'
import { FirebreakError } from '../base/error.ts'
import { acted } from '../gateways/hook/acted.ts'
import type { Acted } from '../gateways/hook/acted.ts'
import type { Push } from '../gateways/hook/push.ts'
import { questionIn } from '../gateways/hook/question.ts'
import type { Surveyed } from '../platforms/platform.ts'
import { bounded } from './bounded.ts'
import { environmentIds } from './config.ts'
import type { Config } from './config.ts'
import type { ShellEntry } from './config-targets.ts'

export interface ShellTarget {
  /** What a question of a hook does here. Throws for what is none. */
  readonly read: (request: Json) => Acted & { readonly push: Push | null }
  /** The same, of what waited. */
  readonly reread: (request: Json) => readonly Operation[]
  readonly survey: (operations: readonly Operation[]) => Surveyed
}

/** Others wait while a text is read. */
const mostMs = 1000

/** Those of the config; the grammars that they read by are loaded. */
export async function openShells(config: Config): Promise<ReadonlyMap<string, ShellTarget>> {
  const found = Object.entries(config.targets).flatMap(([name, entry]) =>
    entry.platform === 'shell' ? [[name, shellTarget(name, entry)] as const] : [],
  )
  if (found.length > 0) await loadSql()
  return new Map(found)
}

/** Every environment that is declared for it can be reached from there. */
function shellTarget(name: string, entry: ShellEntry): ShellTarget {
  const environments = environmentIds(entry).map(([, id]) => id)
  const read: ShellTarget['read'] = (request) => {
    const question = questionIn(request)
    if (question === null) throw new FirebreakError('bad_input', 'this is no question of a hook')
    const found = acted(question, (work) => bounded(work, mostMs))
    const placed = found.operations.map((operation) => ({
      ...operation,
      environments,
      names: operation.names.map((ref) => ({ ...ref, target: name })),
    }))
    return { ...found, operations: placed, push: question.push ?? null }
  }
  return {
    read,
    reread: (request) => {
      const { operations, isLifeline } = read(request)
      if (isLifeline) throw new FirebreakError('broken_store', 'nobody can approve this')
      return operations
    },
    survey: (operations) => ({
      operations,
      radius: {
        ...noRadius,
        environments,
        resources: operations.flatMap((operation) => goes(name, operation, environments)),
      },
    }),
  }
}

/** What goes by the names that its text gives; what has none is what that command reaches. */
function goes(
  target: string,
  { name, effect, kinds, names }: Operation,
  environments: readonly string[],
): readonly Resource[] {
  if (effect !== 'destroy' || kinds.every((kind) => kind === 'outage')) return []
  const [environment = null] = environments
  const common = { environment, bytes: null, protects: null }
  if (names.length > 0) return names.map((ref) => ({ ...ref, ...common, name: ref.id }))
  return [{ target, type: 'shell', id: name, name: `what \`${name}\` reaches`, ...common }]
}
