/** Redis and its kin: what a command takes away, by its words. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Special } from './nested.ts'
import { destroys, ordinary } from './operation.ts'

type Judge = (args: readonly string[]) => Operation | null

const all: Judge = () => destroys('redis flush', ['container'], 'takes every key away')

/** One key by its name is what programs do all day; several, or a pattern, is a sweep. */
const keys: Judge = ([first = '', ...rest]) =>
  rest.length > 0 || /[*?$…]/.test(first)
    ? destroys('redis del', ['data'], 'takes keys away')
    : null

const keeping =
  /^(save|appendonly|dir|dbfilename|maxmemory|maxmemory-policy|rename-command|requirepass|protected-mode)$/i

const config: Judge = ([verb = '', name = '']) =>
  verb.toLowerCase() === 'set' && keeping.test(name)
    ? destroys('redis config set', ['guard'], 'changes how the data is kept')
    : null

const cluster: Judge = ([verb = '']) =>
  /^(reset|forget|flushslots|delslots|failover)$/i.test(verb)
    ? destroys('redis cluster', ['container'], 'takes a node’s part of the data away')
    : null

const replica: Judge = ([host = '']) =>
  host.toLowerCase() === 'no'
    ? null
    : destroys('redis replicaof', ['overwrite'], 'has another’s data written over this one’s')

const on =
  (verbs: RegExp, made: Operation): Judge =>
  ([verb = '']) =>
    verbs.test(verb) ? made : null

const scripts = on(/^flush$/i, destroys('redis script flush', ['data'], 'takes all scripts away'))
const swap: Judge = () => destroys('redis swapdb', ['overwrite'], 'puts other data in its place')

const judges: ReadonlyMap<string, Judge> = new Map([
  ['flushall', all],
  ['flushdb', all],
  ['del', keys],
  ['unlink', keys],
  ['config', config],
  ['cluster', cluster],
  ['replicaof', replica],
  ['slaveof', replica],
  ['script', scripts],
  ['function', scripts],
  ['swapdb', swap],
  [
    'shutdown',
    on(
      /^nosave$/i,
      destroys('redis shutdown', ['data'], 'ends it without keeping what is in memory'),
    ),
  ],
  [
    'debug',
    on(/^(flushall|reload|segfault)$/i, destroys('redis debug', ['data'], 'takes data away')),
  ],
])

function wordsOf([verb = '', ...args]: readonly string[]): Operation | null {
  return judges.get(verb.toLowerCase())?.(args) ?? null
}

const flags = flagsOf('-h -p -s -a -u -n -r -i --user --pass --cacert --cert --key --pattern')

const read: Special = ({ argv, stdin }) => {
  const [first] = argvOf(argv.slice(1), flags, 1).words
  if (first === undefined) {
    const lines = stdin.kind === 'text' ? stdin.text.split('\n') : []
    return lines.flatMap((line) => wordsOf(line.trim().split(/\s+/)) ?? [])
  }
  return [wordsOf(argv.slice(first.at + 1).map(({ text }) => text)) ?? ordinary('redis-cli')]
}

export const redis: readonly (readonly [string, Special])[] = [
  ['redis-cli', read],
  ['valkey-cli', read],
  ['keydb-cli', read],
]
