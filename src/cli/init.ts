/** `firebreak init`: from a checkout with credentials in it to one that holds grants; the diff first, and all of it undoable. */
import { chmodSync, writeFileSync } from 'node:fs'
import { readConfig } from '../app/config.ts'
import type { Config } from '../app/config.ts'
import { ownKey } from '../app/setup/key.ts'
import { grantFile } from '../app/setup/names.ts'
import { prepare } from '../app/setup/prepare.ts'
import type { Prepared } from '../app/setup/prepare.ts'
import { grantMark } from '../app/setup/served.ts'
import { writeAll } from '../app/setup/write.ts'
import { environment } from '../app/environment.ts'
import { FirebreakError } from '../base/error.ts'
import { objectOf } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { plain } from '../base/plain.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { factorOptions } from './daemon.ts'
import { enrolled, signed } from './enrolling.ts'
import { askRotations, rotateChosen } from './init-rotate.ts'
import { tellEnd, tellPlan, tellStrange } from './init-told.ts'
import type { Io } from './io.ts'
import { agreed, filesIn } from './setup-hands.ts'
import { openHands } from './protect-hands.ts'
import type { Hands } from './protect-hands.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak init [--yes] [--store FOLDER] [--approver NAME --code CODE]   in a checkout: finds, shows, then sets up',
    '  --dry-run: shows, and changes nothing',
    '  --all-servers: MCP servers without a credential go through Firebreak too',
    '  --rotate TARGET: with `--yes`, makes that credential new at its platform too; at a terminal it is asked of each',
    '  --home: passwords of ~/.pgpass go into custody too, and its lines lead to the gateway',
    '  --store: where recovery points go, best on another disk',
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...factorOptions,
      store: { type: 'string' },
      yes: { type: 'boolean' },
      rotate: { type: 'string', multiple: true },
      'all-servers': { type: 'boolean' },
      home: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    })
    if (parsed.positionals.length > 0)
      throw usage('`init` takes no argument: it looks at this checkout')
    return await init(parsed, io)
  },
}

async function init(parsed: Parsed, io: Io): Promise<number> {
  const file = parsed.text('config') ?? environment('FIREBREAK_CONFIG') ?? 'firebreak.yaml'
  const prepared = await prepare({
    file,
    store: parsed.text('store'),
    all: parsed.flag('all-servers'),
    home: parsed.flag('home'),
  })
  const { plan } = prepared
  tellPlan(io, prepared)
  if (plan.files.length === 0) {
    io.say('nothing to do: all of it is there')
    return endOf(plan)
  }
  if (parsed.flag('dry-run')) {
    io.say('nothing was changed (`--dry-run`)')
    return exits.findings
  }
  const asked = { question: 'write this?', otherwise: 'say `--yes` to write it' }
  if (!(await agreed(parsed, io, asked))) return exits.findings
  return await carryOut(parsed, io, prepared)
}

/** What stays is a finding; a database of this machine is none. */
function endOf({ stays }: Prepared['plan']): number {
  return stays.every(({ low }) => low) ? exits.done : exits.findings
}

/** Under one word: nothing of the checkout, and no host's file, is written before it is given. */
async function carryOut(parsed: Parsed, io: Io, prepared: Prepared): Promise<number> {
  const { plan, configFile, configText } = prepared
  const config = readConfig(configFile, configText)
  ownKey(config)
  const handed = await handOver(parsed, io, prepared, config)
  if (handed === null) return exits.findings
  keepGrant(config, handed.grant)
  // Last: what is dead from then on stands in no file any more.
  const rotated = await rotateChosen(io, config, handed.rotate)
  tellEnd(io, prepared, handed.rotate)
  return Math.max(endOf(plan), rotated)
}

interface Handed {
  readonly grant: string
  /** Targets whose credential the same word has made new. */
  readonly rotate: readonly string[]
}

/** Everything under one word of one person: gives the grant, with every file written; null where nobody could be asked. */
async function handOver(
  parsed: Parsed,
  io: Io,
  prepared: Prepared,
  config: Config,
): Promise<Handed | null> {
  const hands = await openHands(config, (line) => io.note(line))
  try {
    const facts = objectOf(await hands.call('setup-look', {}))
    mustKnow(hands, prepared)
    mustBeShown(facts, prepared)
    // Whoever stopped here the last time has accepted nothing, though a state was made.
    if (prepared.wasThere && !prepared.isStrange && isFirst(facts)) tellStrange(io, prepared)
    const newcomer = facts['enrolled'] === 0 ? await enrolled(parsed, io, hands) : ''
    if (newcomer === null) return null
    const { plan } = prepared
    const rotate = await askRotations(parsed, io, { hands, prepared })
    const begun = objectOf(
      await hands.call('setup-begin', {
        power: changesIn(facts).length > 0 ? cell(facts['power']) : null,
        principal: 'agent:init',
        mark: grantMark,
        secrets: Object.fromEntries(
          plan.targets.flatMap(({ name, secret }) =>
            secret === null ? [] : [[name, secret.reveal()] as const],
          ),
        ),
        files: plan.files.map((each) => ({ ...each })),
        rotate,
        ...(await signed(parsed, io, newcomer)),
      }),
    )
    // Hooks that are asked for lead there.
    try {
      prepared.program.install()
      writeAll(filesIn(begun['files']))
    } catch (thrown) {
      // What was signed with these files is not done without them.
      await hands.call('setup-rotate', { drop: true })
      throw thrown
    }
    return { grant: cell(begun['grant']), rotate }
  } finally {
    await hands.close()
  }
}

/** A daemon that runs goes by the config that it was started with. */
function mustKnow(hands: Hands, { plan }: Prepared): void {
  if (!hands.isDaemon || plan.targets.length === 0) return
  throw new FirebreakError(
    'wrong_state',
    'a Firebreak runs with the config of before',
    'stop it (Ctrl-C at `firebreak up`), run this again, then start it',
  )
}

/**
 * INVARIANT (power-widens-with-a-person): the code is for what was shown, the new targets, and accepts no other change: an agent
 * may have written one into the config, or into the state, and waits for a person who signs for something else.
 */
function mustBeShown(facts: JsonObject, { plan }: Prepared): void {
  const own = plan.targets.flatMap(({ name }) => [`targets.${name}`, `authorities.${name}`])
  const other = changesIn(facts).find(
    (line) => !own.some((place) => line.startsWith(`${place}.`) || line.startsWith(`${place}: `)),
  )
  if (other === undefined) return
  throw new FirebreakError(
    'wrong_state',
    `nobody has accepted this yet: ${plain(other)}`,
    'where it is yours: `firebreak up`, then `firebreak accept`, which shows all of it; then run this again',
  )
}

/** True where no set-up was ever signed here. */
function isFirst({ paths = null }: JsonObject): boolean {
  return !Array.isArray(paths) || paths.length === 0
}

function changesIn({ changes = null }: JsonObject): readonly string[] {
  return (Array.isArray(changes) ? changes : []).map((line: Json) => cell(line))
}

function keepGrant({ state }: Config, grant: string): void {
  const file = grantFile(state)
  writeFileSync(file, `${grant}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
}
