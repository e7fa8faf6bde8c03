/** `firebreak restore`: a recovery point of a database into an empty one, never over what lives. */
import { openAlone, restoreAlone, restoreCluster } from '../app/alone.ts'
import { isObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

const alone = { store: { type: 'string' }, key: { type: 'string' } } as const

export const command: Command = {
  usage: [
    'firebreak restore POINT --into DATABASE [--approver NAME --code CODE]   an empty database of the same server',
    '  --trust: by a superuser, where you know who wrote the functions that are in the copy',
    'firebreak restore POINT --store FOLDER --key FILE --to URL              with nothing else left: the store and the key alone',
    'firebreak restore POINT --store FOLDER --key FILE --folder NEW [--time TIME | --lsn PLACE | --name MARK]   a base backup, to any moment since',
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
    const parsed = parse(args, { ...factorOptions, ...alone, ...into })
    const done =
      parsed.text('store') === null ? [await byDaemon(parsed, io)] : await byKeyAlone(parsed)
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

async function byKeyAlone(parsed: Parsed): Promise<readonly string[]> {
  const [store, key, to, folder] = ['store', 'key', 'to', 'folder'].map((name) => parsed.text(name))
  const id = first(parsed, 'POINT')
  if (!store || !key || (!to && !folder))
    throw usage(
      'without a daemon it takes `--store FOLDER --key FILE`, and `--to postgres://…` or, for a base backup, `--folder NEW`',
    )
  if (folder) {
    const [time = null, lsn = null, name = null] = ['time', 'lsn', 'name'].map((each) =>
      parsed.text(each),
    )
    return await restoreCluster({ store, key }, { id, folder, until: { time, lsn, name } })
  }
  const box = await openAlone({ store, key })
  return [await restoreAlone(box, id, { url: to ?? '', trusts: parsed.flag('trust') })]
}
