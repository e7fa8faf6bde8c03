/** `firebreak uninstall`: every file as it was, hooks and grants gone, and Firebreak's own folders with them. */
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import type { Config } from '../app/config.ts'
import { variables } from '../app/environment.ts'
import { openPlace } from '../app/hosts/place.ts'
import { takeAway } from '../app/setup/away.ts'
import { backTo } from '../app/setup/back.ts'
import { checkoutOf } from '../app/setup/prepare.ts'
import { shownPath } from '../app/setup/seen.ts'
import { writeAll } from '../app/setup/write.ts'
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { configOf, factor, factorOptions } from './daemon.ts'
import type { Io } from './io.ts'
import { openHands } from './protect-hands.ts'
import { cell, visible } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak uninstall [--yes] --approver NAME --code CODE   puts back what `firebreak init` changed: raw credentials too',
  ],
  run: async (args, io) => {
    const parsed = parse(args, { ...factorOptions, yes: { type: 'boolean' } })
    return await uninstall(parsed, io, configOf(parsed))
  },
}

async function uninstall(parsed: Parsed, io: Io, config: Config): Promise<number> {
  const place = openPlace({
    checkout: checkoutOf(dirname(config.file)),
    home: homedir(),
    env: variables(),
  })
  const files = await givenBack(parsed, io, config)
  const { writes, left } = backTo(place, files, /\bfbk_/)
  for (const { path, after } of writes)
    io.say(visible(`${after === null ? 'goes' : 'as it was'}: ${shownPath(place, path)}`))
  if (!(await agreed(parsed, io))) return exits.findings
  writeAll(writes)
  for (const { path, why } of left) io.say(visible(`look at ${shownPath(place, path)}: ${why}`))
  for (const line of takeAway(config)) io.say(visible(line))
  io.say(
    'Firebreak is gone from here; the real credentials stand where they stood: agents can use them again',
  )
  io.give({ files: writes.map(({ path }) => path), left })
  return left.length === 0 ? exits.done : exits.findings
}

/** Raw credentials come out, so a person signs for it; and nothing runs that would go on without its state. */
async function givenBack(parsed: Parsed, io: Io, config: Config) {
  const hands = await openHands(config, (line) => io.note(visible(line)))
  try {
    if (hands.isDaemon)
      throw new FirebreakError(
        'wrong_state',
        'Firebreak runs here',
        'stop it first (Ctrl-C at `firebreak up`), then run this again',
      )
    const facts = await hands.call('setup-look', {})
    const nobody = isObject(facts) && facts['enrolled'] === 0
    if (nobody) return []
    return filesIn(await hands.call('setup-files', { ...(await factor(parsed, io)) }))
  } finally {
    await hands.close()
  }
}

function filesIn(value: Json) {
  const files = isObject(value) && Array.isArray(value['files']) ? value['files'] : []
  return files.filter(isObject).map((each) => ({
    path: cell(each['path']),
    before: typeof each['before'] === 'string' ? each['before'] : null,
    after: cell(each['after']),
  }))
}

async function agreed(parsed: Parsed, io: Io): Promise<boolean> {
  if (parsed.flag('yes')) return true
  const answer = await io.ask('put it back, and take Firebreak away? [y/N] ')
  if (/^y(es)?$/i.test(answer ?? '')) return true
  io.say(answer === null ? 'nothing was changed; say `--yes`' : 'nothing was changed')
  return false
}
