/** Words for Redis and its kin: by the command's name, and by how much of the data it is about. */
import type { DestroyKind } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { destroys, operation, unread } from './operation.ts'

type Words = readonly string[]

/** Each line is a command; quotes around a word are taken off. */
export function redisText(text: string): readonly Operation[] {
  return text
    .split('\n')
    .flatMap((line) =>
      redisWords(
        [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
          (one) => one[1] ?? one[2] ?? one[3] ?? '',
        ),
      ),
    )
}

export function redisWords([verb = '', ...rest]: Words): readonly Operation[] {
  const judge = judges.get(verb.toLowerCase())
  const told = judge?.(
    rest.map((word) => word.toLowerCase()),
    rest,
  )
  if (told === undefined || told === null) return []
  const name = `redis ${verb.toLowerCase()}`
  if (told.kind === 'unread') return [unread(name, told.says)]
  if (told.kind === 'expose')
    return [operation(name, { effect: 'expose', rule: 'shell-expose', message: told.says })]
  return [destroys(name, [told.kind], told.says)]
}

interface Told {
  readonly kind: DestroyKind | 'expose' | 'unread'
  readonly says: string
}
type Judge = (low: Words, words: Words) => Told | null

const gone = (kind: DestroyKind, says: string) => (): Told => ({ kind, says })
/** Only by the word behind it: `CONFIG SET`, `CLUSTER RESET`. */
const by =
  (table: Readonly<Record<string, Told | ((low: Words, words: Words) => Told | null)>>): Judge =>
  ([second = '', ...low], [, ...words]) => {
    const found = Object.hasOwn(table, second) ? table[second] : undefined
    if (found === undefined) return null
    return typeof found === 'function' ? found(low, words) : found
  }

/** One key by its name is what programs do all day; several, or a pattern, is taking data away. */
const keys: Judge = (low) =>
  low.length > 1 || /[*$…{]/.test(low[0] ?? '') ? { kind: 'data', says: 'takes keys away' } : null

const kept =
  /^(save|appendonly|dir|dbfilename|appendfilename|maxmemory|maxmemory-policy|rename-command|min-replicas-to-write|stop-writes-on-bgsave-error|appendfsync)$/
const opened = /^(requirepass|protected-mode|bind|masterauth|aclfile|enable-debug-command)$/

const script: Judge = (_, [text = '']) => {
  const called = [
    ...text.matchAll(/redis\.p?call\s*\(\s*["'](\w+)["']((?:\s*,\s*["'][^"']*["'])*)/gi),
  ]
  const worst = called
    .flatMap(([, verb = '', rest = '']) =>
      redisWords([verb, ...[...rest.matchAll(/["']([^"']*)["']/g)].map((one) => one[1] ?? '')]),
    )
    .at(0)
  if (worst !== undefined)
    return { kind: 'data', says: `its script calls \`${worst.name.replace('redis ', '')}\`` }
  return /redis\.p?call\s*\(\s*[^"'\s]/i.test(text)
    ? { kind: 'unread', says: 'its script calls what cannot be told before' }
    : null
}

const away = gone('container', 'takes a node’s part of the data away')

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['flushall', gone('container', 'takes every key away')],
  ['flushdb', gone('container', 'takes every key away')],
  ['del', keys],
  ['unlink', keys],
  ['xtrim', (low) => (low.includes('0') ? { kind: 'data', says: 'empties a stream' } : null)],
  ['swapdb', gone('overwrite', 'puts other data in its place')],
  ['migrate', gone('data', 'moves keys away to another server')],
  [
    'shutdown',
    (low) =>
      low.includes('nosave')
        ? { kind: 'data', says: 'ends it without keeping what is in memory' }
        : { kind: 'outage', says: 'ends the server' },
  ],
  ['replicaof', (low) => (low[0] === 'no' ? null : overBy)],
  ['slaveof', (low) => (low[0] === 'no' ? null : overBy)],
  ['failover', gone('outage', 'moves the server')],
  ['eval', script],
  [
    'config',
    by({
      set: (low) =>
        kept.test(low[0] ?? '')
          ? { kind: 'guard', says: 'changes how the data is kept' }
          : opened.test(low[0] ?? '')
            ? { kind: 'expose', says: 'changes who gets in' }
            : null,
    }),
  ],
  [
    'cluster',
    by({
      reset: away(),
      forget: away(),
      flushslots: away(),
      delslots: away(),
      failover: { kind: 'outage', says: 'moves the server' },
    }),
  ],
  [
    'acl',
    by({
      deluser: { kind: 'account', says: 'takes a user away' },
      setuser: (low) =>
        low.some((word) => ['nopass', '+@all', 'allcommands', '~*', 'allkeys'].includes(word))
          ? { kind: 'expose', says: 'gives reach over all keys' }
          : null,
    }),
  ],
  [
    'debug',
    by({
      flushall: { kind: 'data', says: 'takes data away' },
      segfault: { kind: 'outage', says: 'ends the server' },
      reload: { kind: 'data', says: 'reads all anew from the disk' },
    }),
  ],
  ['script', by({ flush: { kind: 'outage', says: 'takes all scripts away' } })],
  [
    'function',
    by({
      flush: { kind: 'data', says: 'takes all functions away' },
      restore: { kind: 'overwrite', says: 'writes over functions' },
      delete: { kind: 'data', says: 'takes functions away' },
    }),
  ],
  [
    'module',
    by({
      load: { kind: 'exec', says: 'runs code beside the data' },
      unload: { kind: 'outage', says: 'takes a module away' },
    }),
  ],
  [
    'ft.dropindex',
    (low) => ({ kind: low.includes('dd') ? 'data' : 'outage', says: 'drops an index' }),
  ],
  ['ft.drop', gone('data', 'drops an index with its documents')],
])

const overBy: Told = { kind: 'overwrite', says: 'has another’s data written over this one’s' }
