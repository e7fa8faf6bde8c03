/** `firebreak restore`: a recovery point, or the moment before an action, whole or single tables; never over what lives. */
import { resolve } from 'node:path'
import {
  bytesAlone,
  checkMoment,
  doubtOf,
  restoreAlone,
  restoreCluster,
  untilOf,
} from '../app/alone.ts'
import { openProgress } from '../app/progress.ts'
import { realClock } from '../app/world.ts'
import { plain } from '../base/plain.ts'
import { isObject } from '../base/json.ts'
import { aloneOptions, aloneUsage, openHere } from './alone.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { progressOf, watched } from './progress.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak restore POINT --into DATABASE [--approver NAME --code CODE]   an empty database of the same server',
    'firebreak restore POINT --table SCHEMA.NAME [--table …] --into DATABASE [--schema NEW]   single tables, where none is or beside what lives',
    'firebreak restore POINT --folder NEW   of a folder: where nothing lives',
    'firebreak restore --before HOLD …   the moment before an action, instead of POINT',
    'firebreak restore POINT --folder NEW [--time TIME | --lsn PLACE | --name MARK]   a base backup, to any moment since; also with --table',
    '  --trust: by a superuser, where you know who wrote the functions that are in the copy',
    'firebreak restore POINT --store FOLDER --key FILE --to URL [--table …]   with nothing else left: the store and the key alone',
    'firebreak restore POINT --store FOLDER --key FILE --folder NEW [--time …]   the same for a base backup',
    aloneUsage,
  ],
  run: async (args, io) => {
    const into = {
      into: { type: 'string' },
      to: { type: 'string' },
      before: { type: 'string' },
      table: { type: 'string', multiple: true },
      schema: { type: 'string' },
      trust: { type: 'boolean' },
      folder: { type: 'string' },
      time: { type: 'string' },
      lsn: { type: 'string' },
      name: { type: 'string' },
    } as const
    const parsed = parse(args, { ...factorOptions, ...aloneOptions, ...into })
    if (parsed.text('schema') !== null && parsed.list('table').length === 0)
      throw usage('`--schema` is where single tables go: name them with `--table`')
    const done =
      parsed.text('store') === null ? await byDaemon(parsed, io) : await byKeyAlone(parsed, io)
    // Names in it are a database's own.
    for (const line of done) io.say(plain(line, 4000))
    io.give({ done })
    return exits.done
  },
}

async function byDaemon(parsed: Parsed, io: Io): Promise<readonly string[]> {
  const before = parsed.text('before')
  const id = before === null || parsed.positionals.length > 0 ? first(parsed, 'POINT') : null
  const [into, named] = [parsed.text('into'), parsed.text('folder')]
  // From where the person stands, not from where the daemon does.
  const folder = named === null ? null : resolve(named)
  if (into === null && folder === null)
    throw usage('say where: `--into DATABASE`, an empty database of the same server')
  const by = await factor(parsed, io)
  const what = id ?? before ?? ''
  const result = await watched(io, `restoring ${what}`, progressOf(parsed, what), () =>
    call(parsed, 'vault-restore', {
      id,
      before,
      into,
      folder,
      tables: [...parsed.list('table')],
      schema: parsed.text('schema'),
      time: parsed.text('time'),
      lsn: parsed.text('lsn'),
      name: parsed.text('name'),
      trust: parsed.flag('trust'),
      ...by,
    }),
  )
  const { point, moment, done } = isObject(result) ? result : {}
  if (typeof moment === 'string') io.note(`from ${cell(point)}, up to ${cell(moment)}`)
  return Array.isArray(done) ? done.map(String) : []
}

async function byKeyAlone(parsed: Parsed, io: Io): Promise<readonly string[]> {
  const [to, folder] = [parsed.text('to'), parsed.text('folder')]
  const id = first(parsed, 'POINT')
  if (to === null && folder === null)
    throw usage('say where: `--to postgres://…`, or for a base backup `--folder NEW`')
  const [time = null, lsn = null, name = null] = ['time', 'lsn', 'name'].map((each) =>
    parsed.text(each),
  )
  const until = { time, lsn, name }
  const opened = await openHere(parsed, io)
  const doubt = await doubtOf(opened, id)
  if (doubt !== null) io.note(doubt)
  const progress = openProgress(realClock)
  const heard = (bytes: number): void => progress.heard(id, bytes)
  const look = async (): Promise<ReturnType<typeof progress.of>> =>
    await Promise.resolve(progress.of(id))
  const whole = bytesAlone(opened.box, id).then((bytes) =>
    bytes === null ? null : { bytes, about: folder !== null },
  )
  return await watched(io, `restoring ${id}`, look, () =>
    progress.during(id, whole, async () => {
      if (folder !== null)
        return await restoreCluster(opened, { id, folder, until, progress: heard })
      checkMoment(id, untilOf(until))
      const tables = { tables: parsed.list('table'), schema: parsed.text('schema') }
      const how = { url: to ?? '', trusts: parsed.flag('trust'), progress: heard, ...tables }
      return [await restoreAlone(opened.box, id, how)]
    }),
  )
}
