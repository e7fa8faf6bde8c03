/** `firebreak approver`: the people who approve. The first may enrol alone; later ones need an admin's factor. */
import { renderUnicodeCompact } from 'uqr'
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { listKeys, removeKey } from './approver-keys.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { lend, takeBack } from './delegate.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak approver enrol NAME [--role approver|admin|viewer] [--approver ADMIN --code CODE]',
    'firebreak approver invite NAME [--role approver|admin|viewer] [--approver ADMIN --code CODE]   a passkey, made at the console',
    'firebreak approver list',
    'firebreak approver delegate NAME --to VIEWER --until 14d|DAY [--approver NAME --code CODE]   while NAME is away',
    'firebreak approver undelegate NAME [--approver NAME --code CODE]',
    'firebreak approver remove NAME --approver ADMIN --code CODE',
    'firebreak approver keys        the passkeys of each',
    'firebreak approver remove-key NAME KEY --approver NAME --code CODE',
  ],
  run: async (args, io) => {
    const [verb = 'list', ...rest] = args
    const parsed = parse(rest, {
      ...factorOptions,
      role: { type: 'string' },
      confirm: { type: 'string' },
      to: { type: 'string' },
      until: { type: 'string' },
    })
    if (verb === 'enrol') return await enrol(parsed, io)
    if (verb === 'invite') return await invite(parsed, io)
    if (verb === 'delegate') return await lend(parsed, io)
    if (verb === 'undelegate') return await takeBack(parsed, io)
    if (verb === 'list') return await list(parsed, io)
    if (verb === 'keys') return await listKeys(parsed, io)
    if (verb === 'remove-key') return await removeKey(parsed, io)
    if (verb !== 'remove') throw usage(`\`${verb}\` is no verb of \`approver\``)
    const result = await call(parsed, 'approver-remove', {
      name: first(parsed, 'NAME'),
      ...(await factor(parsed, io)),
    })
    io.say('removed')
    io.give(result)
    return exits.done
  },
}

async function enrol(parsed: Parsed, io: Io): Promise<number> {
  const name = first(parsed, 'NAME')
  if (parsed.text('confirm') === null) {
    const people = await call(parsed, 'approver-list', {})
    const bootstrap = Array.isArray(people) && people.length === 0
    const by = bootstrap ? {} : await factor(parsed, io)
    const begun = await call(parsed, 'approver-enrol', {
      name,
      role: parsed.text('role') ?? (bootstrap ? 'admin' : 'approver'),
      ...by,
    })
    const uri = isObject(begun) ? cell(begun['uri']) : ''
    io.say(renderUnicodeCompact(uri))
    io.say(uri)
    io.say(
      'scan it with an authenticator, where no agent can read this screen, then confirm with its code',
    )
    io.give(begun)
  }
  const code = parsed.text('confirm') ?? (await io.ask('one-time code: '))
  if (code === null) {
    io.say(`confirm with: firebreak approver enrol ${name} --confirm CODE`)
    return exits.done
  }
  const done = await call(parsed, 'approver-confirm', { name, code })
  io.say(`${name} is enrolled`)
  if (parsed.text('confirm') !== null) io.give(done)
  return exits.done
}

/** The invitation ends with this terminal: nobody else can say which key it was for. */
async function invite(parsed: Parsed, io: Io): Promise<number> {
  const name = first(parsed, 'NAME')
  const people = await call(parsed, 'approver-list', {})
  const isFirst = Array.isArray(people) && people.length === 0
  const invited = await call(parsed, 'approver-invite', {
    name,
    role: parsed.text('role') ?? (isFirst ? 'admin' : 'approver'),
    ...(isFirst ? {} : await factor(parsed, io)),
  })
  const { url, terminal } = isObject(invited) ? invited : {}
  io.say(`${name} opens this page, once, within 15 minutes, and makes a passkey:`)
  io.say(cell(url))
  io.say(
    'the page then shows a number. If it says that the link was used, somebody else was there: give none',
  )
  const number = await io.ask('number on the page: ')
  if (number === null) {
    io.note('no number, no passkey: run it on a terminal')
    return exits.findings
  }
  const done = await call(parsed, 'passkey-confirm', {
    terminal: terminal ?? '',
    number: number.trim(),
  })
  io.say(`${name} signs with a passkey from now on`)
  io.give(done)
  return exits.done
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const people = await call(parsed, 'approver-list', {})
  const rows = Array.isArray(people) ? people.filter(isObject) : []
  const lines = rows.map((row) => [
    cell(row['name']),
    cell(row['role']),
    sayTime(row['enrolledAt']),
    lentOf(row),
  ])
  for (const line of table(lines, 'nobody is enrolled yet: `firebreak approver enrol NAME`'))
    io.say(line)
  io.give(people)
  return exits.done
}

/** Who signs in their place, or in whose place they sign. */
function lentOf({ lent, for: place }: JsonObject): string {
  if (isObject(lent)) return `away: ${cell(lent['to'])} signs until ${sayTime(lent['until'])}`
  if (!isObject(place)) return ''
  return `signs in the place of ${cell(place['name'])} until ${sayTime(place['until'])}`
}
