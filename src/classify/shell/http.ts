/** `curl` and its friends: which request each of them sends. */
import type { Operation } from '../../core/operation.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'
import { argvOf, flagsOf, spelled } from './argv.ts'
import type { Argv } from './argv.ts'
import { byMethod, judgeRequest } from './http-request.ts'
import type { Nested, Special } from './nested.ts'
import { unread } from './operation.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'

const curlFlags = flagsOf(
  '-X --request -d --data --data-raw --data-binary --data-urlencode --data-ascii --json -H --header -u --user -o --output -A --user-agent -b --cookie -c --cookie-jar -e --referer -F --form --form-string -T --upload-file --url --url-query -x --proxy -m --max-time --retry --retry-delay --connect-timeout --connect-to -w --write-out --cacert --cert --key -K --config -E --resolve --unix-socket --abstract-unix-socket --interface -C -D -r -y -Y -z --oauth2-bearer --aws-sigv4 --limit-rate',
  '-s -S -L -k -f -v -i -I -g -N -O -J -R -G --silent --location --fail --insecure --compressed --get --head --include',
)

interface Place {
  readonly scope: Scope
  readonly nested: Nested
  readonly stdin: Fed
}

const curl: Special = ({ argv, stdin }, scope, nested) =>
  sentBy(programOf(argv[0]?.text ?? ''), spelled(argv.slice(1), curlFlags), {
    scope,
    nested,
    stdin,
  })

function sentBy(name: string, args: readonly Arg[], place: Place): readonly Operation[] {
  const told = argvOf(args, curlFlags)
  const values = (...names: readonly string[]): readonly Arg[] =>
    names.flatMap((one) => told.flags.get(one) ?? [])
  const [config, ...others] = values('-K', '--config')
  if (config !== undefined) return configured(name, config, others, { args, ...place })
  const bodies = bodiesOf(told, place)
  // `curlie DELETE URL`.
  const verb = told.words.find(({ text }) => name === 'curlie' && /^[A-Z]+$/.test(text))
  const urls = [...told.words.filter((one) => one !== verb), ...values('--url')]
  const isGet = told.flags.has('-G') || told.flags.has('--get')
  const method =
    values('-X', '--request').at(-1) ?? verb ?? argOf(bodies.length > 0 && !isGet ? 'POST' : 'GET')
  const beside = values('-H', '--header', '--connect-to', '--resolve', '--url-query').map(
    ({ text }) => text,
  )
  return [
    ...urls.flatMap((url) => judgeRequest({ name, method, url, bodies, beside }, place.nested)),
    ...(bodies.length > 0 ? ofSocket(name, values('--unix-socket'), urls) : []),
  ]
}

function bodiesOf({ flags }: Argv, place: Place): readonly (string | null)[] {
  const plain = ['-d', '--data', '--data-binary', '--data-ascii', '--json'].flatMap(
    (one) => flags.get(one) ?? [],
  )
  const raw = ['--data-raw', '--form-string', '--url-query'].flatMap((one) => flags.get(one) ?? [])
  const parts = ['-F', '--form', '--data-urlencode'].flatMap((one) => flags.get(one) ?? [])
  const files = ['-T', '--upload-file'].flatMap((one) => flags.get(one) ?? [])
  return [
    ...plain.map((one) => (one.text.startsWith('@') ? fileOf(one, 1, place) : textOf(one))),
    ...raw.map(textOf),
    ...parts.map((one) => {
      const [, before] = /^(\w*=?[@<])/.exec(one.text) ?? []
      return before === undefined ? textOf(one) : fileOf(one, before.length, place)
    }),
    ...files.map((one) => fileOf(one, 0, place)),
  ]
}

const textOf = ({ text, isKnown }: Arg): string | null => (isKnown ? text : null)

/** What lies in the file that stands behind so many letters; `-` is what it is fed. */
function fileOf(arg: Arg, from: number, { scope, nested, stdin }: Place): string | null {
  const path = { ...arg, text: arg.text.slice(from) }
  const held = path.text === '-' ? stdin : nested.file(path, scope, stdin)
  const file = held.kind === 'unread' ? nested.file(argOf(held.from), scope) : held
  return file.kind === 'text' ? file.text : null
}

/** `-K FILE`: flags of its own, a line each. */
function configured(
  name: string,
  config: Arg,
  others: readonly Arg[],
  place: Place & { readonly args: readonly Arg[] },
): readonly Operation[] {
  const text = others.length > 0 ? null : fileOf(config, 0, place)
  if (text === null)
    return [
      unread(name, `would read its flags from \`${config.text}\`, which nobody here has read`),
    ]
  const at = place.args.findIndex((one) => /^(-\w*K|--config)/.test(one.text))
  const isOne = place.args[at]?.text.includes(config.text) === true
  const rest = place.args.filter((_, nth) => nth < at || nth > (isOne ? at : at + 1))
  return sentBy(name, [...rest, ...text.split('\n').flatMap(flagsIn)], place)
}

function flagsIn(line: string): readonly Arg[] {
  const [, flag = '', value = ''] = /^\s*([\w-]+)\s*[=:\s]?\s*(.*?)\s*$/.exec(line) ?? []
  if (flag === '') return []
  const named = flag.startsWith('-') ? flag : `--${flag}`
  const plain = value.replace(/^"(.*)"$/, '$1').replaceAll('\\"', '"')
  return plain === '' ? [argOf(named)] : [argOf(named), argOf(plain)]
}

/** The daemon of containers by its socket: it runs whatever it is told. */
function ofSocket(
  name: string,
  sockets: readonly Arg[],
  urls: readonly Arg[],
): readonly Operation[] {
  const isDaemon = sockets.some(({ text }) => /docker|podman|containerd/.test(text))
  const runs = urls.some(({ text }) => /\/containers\/(create|[^/]+\/exec)\b/.test(text))
  return isDaemon && runs ? [unread(name, 'has the daemon of containers run something')] : []
}

/** `http POST URL name=value`, `xh delete URL`. */
const httpie: Special = ({ argv, stdin }, scope, nested) => {
  const name = programOf(argv[0]?.text ?? '')
  const { flags, words } = argvOf(
    argv.slice(1),
    flagsOf(
      '-a --auth -A --auth-type --session -o --output --timeout --proxy --verify --raw --cert --cert-key -s --style',
    ),
  )
  const [first, second] = words
  if (first === undefined) return null
  const isMethod = second !== undefined && /^[a-zA-Z]+$/.test(first.text)
  const url = isMethod ? second : first
  const items = words.slice(isMethod ? 2 : 1)
  const bodies = [
    ...(flags.get('--raw') ?? []).map(textOf),
    ...(stdin.kind === 'none' ? [] : [fileOf(argOf('-'), 0, { scope, nested, stdin })]),
    ...formOf(items),
  ]
  const method = isMethod ? first : argOf(bodies.length > 0 ? 'POST' : 'GET')
  return judgeRequest({ name, method, url, bodies }, nested)
}

/** `a=b`, `a:=1` as one object; what comes from a file, nobody has read. */
function formOf(items: readonly Arg[]): readonly (string | null)[] {
  const fields = items.flatMap(({ text }) => {
    const [, key, how, value] = /^([\w.[\]-]+)(:=@|=@|:=|==|=|@)(.*)$/s.exec(text) ?? []
    return key === undefined ? [] : [{ key, how, value: value ?? '' }]
  })
  if (fields.length === 0) return []
  if (fields.some(({ how }) => how?.endsWith('@') === true)) return [null]
  return [JSON.stringify(Object.fromEntries(fields.map(({ key, value }) => [key, value])))]
}

const wget: Special = ({ argv, stdin }, scope, nested) => {
  const { flags, words } = argvOf(
    argv.slice(1),
    flagsOf(
      '--method --body-data --post-data --body-file --post-file -O -o --output-document --header -P -t -T -U --user-agent',
      '-q -nv -c -N -r',
    ),
  )
  const texts = ['--post-data', '--body-data'].flatMap((one) => flags.get(one) ?? [])
  const files = ['--post-file', '--body-file'].flatMap((one) => flags.get(one) ?? [])
  const bodies = [
    ...texts.map(textOf),
    ...files.map((one) => fileOf(one, 0, { scope, nested, stdin })),
  ]
  const method = flags.get('--method')?.at(-1) ?? argOf(bodies.length > 0 ? 'POST' : 'GET')
  const beside = (flags.get('--header') ?? []).map(({ text }) => text)
  return words.flatMap((url) => judgeRequest({ name: 'wget', method, url, bodies, beside }, nested))
}

/** `hurl FILE`: each request is a line of its own. */
const hurl: Special = ({ argv, stdin }, scope, nested) =>
  argv.slice(1).flatMap((file) => {
    const text = fileOf(file, 0, { scope, nested, stdin }) ?? ''
    return [...text.matchAll(/^(GET|POST|PUT|PATCH|DELETE)\s+(\S+)/gm)].flatMap(
      ([, method = '', url = '']) => byMethod('hurl', method, url),
    )
  })

export const http: readonly (readonly [string, Special])[] = [
  ['curl', curl],
  ['curlie', curl],
  ['wget', wget],
  ['http', httpie],
  ['https', httpie],
  ['xh', httpie],
  ['xhs', httpie],
  ['hurl', hurl],
]
