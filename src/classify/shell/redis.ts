/** Clients of Redis and its kin: their words, what they are fed, and scripts. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Special } from './nested.ts'
import { destroys, ordinary, unread } from './operation.ts'
import { redisText, redisWords } from './redis-words.ts'
import type { Run } from './run.ts'
import { argOf } from './arg.ts'

const redisFlags = flagsOf(
  '-h -p -s -a -u -n -r -i --user --pass --cacert --cert --key --pattern --rdb --functions-rdb -D -d --sni --cluster-from --cluster-to --cluster-slots',
  '--tls --raw --no-raw -c -x --csv --json --scan --bigkeys --stat --no-auth-warning --insecure',
)

const redisCli: Special = ({ argv, stdin }, scope, nested) => {
  const { flags, words } = argvOf(argv.slice(1), redisFlags, 1)
  const [first] = words
  if (flags.has('--cluster')) return clusterOf(argv)
  if (flags.has('--eval')) {
    const script = first === undefined ? null : nested.file(first, scope, stdin)
    return script?.kind !== 'text'
      ? [unread('redis-cli', `would run \`${first?.text ?? ''}\`, which nobody here has read`)]
      : orOrdinary('redis-cli', redisWords(['eval', script.text]))
  }
  if (first === undefined) {
    const script = stdin.kind === 'unread' ? nested.file(argOf(stdin.from), scope) : stdin
    if (script.kind === 'text') return orOrdinary('redis-cli', redisText(script.text))
    return stdin.kind === 'unread'
      ? [unread('redis-cli', `would run what \`${stdin.from}\` gives it`)]
      : null
  }
  return orOrdinary('redis-cli', redisWords(argv.slice(first.at + 1).map(({ text }) => text)))
}

/** `redis-cli --cluster del-node HOST ID`. */
function clusterOf(argv: Run['argv']): readonly Operation[] {
  const at = argv.findIndex(({ text }) => text === '--cluster')
  const verb = argv[at + 1]?.text ?? ''
  if (/^(del-node|reshard|fix|set-timeout|import)$/.test(verb))
    return [destroys(`redis --cluster ${verb}`, ['container'], 'changes which node has which data')]
  if (verb !== 'call') return [ordinary('redis-cli')]
  return orOrdinary('redis-cli', redisWords(argv.slice(at + 3).map(({ text }) => text)))
}

const orOrdinary = (name: string, found: readonly Operation[]): readonly Operation[] =>
  found.length > 0 ? found : [ordinary(name)]

/** `echo FLUSHALL | nc host 6379`. */
const byPort: Special = ({ argv, stdin }) => {
  const isRedis = argv.some(({ text }) => /^(6379|6380)$/.test(text))
  if (!isRedis || stdin.kind === 'none') return null
  return stdin.kind === 'text'
    ? orOrdinary('nc', redisText(stdin.text))
    : [unread('nc', `would send what \`${stdin.from}\` gives it`)]
}

export const redis: readonly (readonly [string, Special])[] = [
  ['redis-cli', redisCli],
  ['valkey-cli', redisCli],
  ['keydb-cli', redisCli],
  ...['nc', 'ncat', 'netcat', 'telnet'].map((name) => [name, byPort] as const),
]
