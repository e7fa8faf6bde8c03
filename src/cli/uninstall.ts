/** `firebreak uninstall`: every file as it was, hooks and grants gone, and Firebreak's own folders with them. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Config } from '../app/config.ts'
import type { Place } from '../app/hosts/host.ts'
import { asWritten, homeless, keepForOwner } from '../app/rotate/left.ts'
import { othersBeside, savedPushes, takeAway } from '../app/setup/away.ts'
import { backTo } from '../app/setup/back.ts'
import type { Left } from '../app/setup/back.ts'
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
    '  --originals FOLDER: files that were changed since, as they were, into a new folder',
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...factorOptions,
      yes: { type: 'boolean' },
      originals: { type: 'string' },
    })
    return await uninstall(parsed, io, configOf(parsed))
  },
}

async function uninstall(parsed: Parsed, io: Io, config: Config): Promise<number> {
  mustBeThere(config)
  const place = placeOf(config.file)
  const { files, made, isAccepted } = await givenBack(parsed, io, config)
  const isOfHome = (path: string): boolean => !isWithin(place.real(place.checkout), path)
  const isShared = othersBeside(config.state).length === 0 ? () => false : isOfHome
  const { writes, left } = backTo({ place, files, grants: /\bfbk_/, isShared })
  const folder = parsed.text('originals')
  const isAll = left.length === 0 || folder !== null
  // While the state stays, its config does.
  const now = isAll ? writes : writes.filter(({ path }) => path !== place.real(config.file))
  for (const { path, after } of now)
    io.say(visible(`${after === null ? 'goes' : 'as it was'}: ${shownPath(place, path)}`))
  for (const { path, why } of left) io.say(visible(`look at ${shownPath(place, path)}: ${why}`))
  const asked = { question: 'put it back, and take Firebreak away?', otherwise: 'say `--yes`' }
  if (!(await agreed(parsed, io, asked))) return exits.findings
  if (folder !== null) keepOriginals(resolve(folder), place, left)
  // First: with the state the only copy of these goes.
  const alone = isAll ? homeless(made, asWritten(files, now)) : {}
  keepMade(io, { made, alone, place, state: config.state })
  writeAll(now)
  io.give({
    files: now.map(({ path }) => path),
    left: left.map(({ path, why }) => ({ path, why })),
  })
  if (isAll) return gone(io, config, { isAccepted, folder: left.length === 0 ? null : folder })
  io.say(
    'Firebreak stays: the credentials of these are nowhere else. Put the lines back as `init` wrote them and run this again; or `firebreak uninstall --originals FOLDER`, which writes these files as they were into a new folder',
  )
  return exits.findings
}

interface Made {
  readonly made: Readonly<Record<string, string>>
  /** Those of them that no file takes back. */
  readonly alone: Readonly<Record<string, string>>
  readonly place: Place
  readonly state: string
}

/** What was made new since, and where it will be. */
function keepMade(io: Io, { made, alone, place, state }: Made): void {
  const names = Object.keys(made).join(', ')
  if (names !== '')
    io.say(
      visible(`rotated, so a new credential is given back, not what stood there before: ${names}`),
    )
  if (Object.keys(alone).length === 0) return
  const kept = shownPath(place, keepForOwner(alone, state))
  io.say(
    visible(
      `no file took these back: ${Object.keys(alone).join(', ')}: kept for you in ${kept}; put them where they belong, and delete it`,
    ),
  )
}

function gone(
  io: Io,
  config: Config,
  { isAccepted, folder }: { readonly isAccepted: boolean; readonly folder: string | null },
): number {
  for (const line of takeAway(config, isAccepted)) io.say(visible(line))
  if (existsSync(config.file))
    io.say(visible(`${config.file} stays: it was changed since, or is none of ours`))
  if (folder !== null) io.say(visible(`as they were, raw credentials in them: ${resolve(folder)}`))
  io.say(
    'Firebreak is gone from here; the real credentials stand where they stood: agents can use them again',
  )
  return folder === null ? exits.done : exits.findings
}

/** Files that could not be put back, each as it was, for this person alone; never over anything. */
function keepOriginals(folder: string, place: Place, left: readonly Left[]): void {
  if (left.length === 0) return
  mkdirSync(folder, { mode: 0o700 })
  for (const { path, original } of left) {
    const name = shownPath(place, path).replaceAll(/^(~|\/)+|\.\.\//g, '')
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, name), original, { mode: 0o600, flag: 'wx' })
  }
}

function isWithin(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith('..')
}

/** Nothing is made, nor taken away, for a config that no set-up goes with: it may name any folder. */
function mustBeThere(config: Config): void {
  if (!existsSync(join(config.state, 'state.db')))
    throw new FirebreakError(
      'not_found',
      `there is no state at \`${config.state}\`: what was put into custody cannot be put back`,
      'bring the folder back, or name the config that goes with it; nothing was changed',
    )
  if (savedPushes(config) > 0)
    throw new FirebreakError(
      'wrong_state',
      `\`${join(config.state, 'pushes')}\` holds what force pushes wrote over, and it lies nowhere else`,
      'put back what you need (`firebreak undo HOLD`), move the rest away, then run this again',
    )
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
    if (facts['enrolled'] === 0)
      throw new FirebreakError(
        'not_found',
        'nobody is enrolled here, so no set-up was ever signed: there is nothing to put back',
        `where you need none of it, take \`${config.state}\` and the config away by hand`,
      )
    const given = objectOf(await hands.call('setup-files', { ...(await factor(parsed, io)) }))
    const { changes = null } = facts
    return {
      files: filesIn(given['files']),
      made: textsOf(given['made']),
      isAccepted: Array.isArray(changes) && changes.length === 0,
    }
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
