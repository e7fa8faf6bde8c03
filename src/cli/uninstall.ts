/** `firebreak uninstall`: every file as it was, hooks and grants gone, and Firebreak's own folders with them. */
import type { Config } from '../app/config.ts'
import { asWritten, homeless, keepForOwner } from '../app/rotate/left.ts'
import { takeAway } from '../app/setup/away.ts'
import { backTo } from '../app/setup/back.ts'
import { placeOf } from '../app/setup/prepare.ts'
import { shownPath } from '../app/setup/seen.ts'
import { writeAll } from '../app/setup/write.ts'
import { FirebreakError } from '../base/error.ts'
import { objectOf } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { configOf, factor, factorOptions } from './daemon.ts'
import type { Io } from './io.ts'
import { agreed, filesIn } from './setup-hands.ts'
import { openHands } from './protect-hands.ts'
import { visible } from './table.ts'

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
  const place = placeOf(config.file)
  const { files, made } = await givenBack(parsed, io, config)
  const { writes, left } = backTo(place, files, /\bfbk_/)
  for (const { path, after } of writes)
    io.say(visible(`${after === null ? 'goes' : 'as it was'}: ${shownPath(place, path)}`))
  const asked = { question: 'put it back, and take Firebreak away?', otherwise: 'say `--yes`' }
  if (!(await agreed(parsed, io, asked))) return exits.findings
  const alone = homeless(made, asWritten(files, writes))
  // First: with the state the only copy of these goes.
  const kept = Object.keys(alone).length === 0 ? null : keepForOwner(alone, config.state)
  writeAll(writes)
  if (Object.keys(made).length > 0)
    io.say(
      visible(
        `rotated, so a new credential is given back, not what stood there before: ${Object.keys(made).join(', ')}`,
      ),
    )
  if (kept !== null)
    io.say(
      visible(
        `no file took these back: ${Object.keys(alone).join(', ')}: kept for you in ${shownPath(place, kept)}; put them where they belong, and delete it`,
      ),
    )
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
    const facts = objectOf(await hands.call('setup-look', {}))
    if (facts['enrolled'] === 0) return { files: [], made: {} }
    const given = objectOf(await hands.call('setup-files', { ...(await factor(parsed, io)) }))
    return { files: filesIn(given['files']), made: textsOf(given['made']) }
  } finally {
    await hands.close()
  }
}

/** Each credential that Firebreak made, by its target. */
function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text] as const] : [],
    ),
  )
}
