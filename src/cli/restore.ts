/** `firebreak restore`: a recovery point of a database into an empty one, never over what lives. */
import { doubtOf, restoreAlone, restoreCluster } from '../app/alone.ts'
import { isObject } from '../base/json.ts'
import { aloneOptions, aloneUsage, openHere } from './alone.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak restore POINT --into DATABASE [--approver NAME --code CODE]   an empty database of the same server',
    '  --trust: by a superuser, where you know who wrote the functions that are in the copy',
    'firebreak restore POINT --store FOLDER --key FILE --to URL              with nothing else left: the store and the key alone',
    'firebreak restore POINT --store FOLDER --key FILE --folder NEW [--time TIME | --lsn PLACE | --name MARK]   a base backup, to any moment since',
    aloneUsage,
  ],
  run: async (args, io) => {
    const into = {
      into: { type: 'string' },
      to: { type: 'string' },
      trust: { type: 'boolean' },
      folder: { type: 'string' },
      time: { type: 'string' },
      lsn: { type: 'string' },
      name: { type: 'string' },
    } as const
    const parsed = parse(args, { ...factorOptions, ...aloneOptions, ...into })
    const done =
      parsed.text('store') === null ? [await byDaemon(parsed, io)] : await byKeyAlone(parsed, io)
    for (const line of done) io.say(line)
    io.give({ done })
    return exits.done
  },
}

async function byDaemon(parsed: Parsed, io: Io): Promise<string> {
  const id = first(parsed, 'POINT')
  const into = parsed.text('into')
  if (into === null)
    throw usage('say where: `--into DATABASE`, an empty database of the same server')
  const result = await call(parsed, 'vault-restore', {
    id,
    into,
    trust: parsed.flag('trust'),
    ...(await factor(parsed, io)),
  })
  return isObject(result) ? cell(result['done']) : ''
}

async function byKeyAlone(parsed: Parsed, io: Io): Promise<readonly string[]> {
  const [to, folder] = [parsed.text('to'), parsed.text('folder')]
  const id = first(parsed, 'POINT')
  if (to === null && folder === null)
    throw usage('say where: `--to postgres://…`, or for a base backup `--folder NEW`')
  const opened = await openHere(parsed, io)
  const doubt = await doubtOf(opened, id)
  if (doubt !== null) io.note(doubt)
  if (folder === null)
    return [await restoreAlone(opened.box, id, { url: to ?? '', trusts: parsed.flag('trust') })]
  const [time = null, lsn = null, name = null] = ['time', 'lsn', 'name'].map((each) =>
    parsed.text(each),
  )
  return await restoreCluster(opened, { id, folder, until: { time, lsn, name } })
}
