/** `firebreak scan --fix`: from each finding to its remedy, the worst first; asked one by one at a terminal, else the commands in order. */
import { resolve } from 'node:path'
import { fixesOf } from '../app/fix.ts'
import type { Fix, FixHouse } from '../app/fix.ts'
import type { Scanned } from '../app/scan.ts'
import type { Live } from '../app/scan-live.ts'
import { prepare } from '../app/setup/prepare.ts'
import { FirebreakError } from '../base/error.ts'
import { shellWord } from '../base/shell-word.ts'
import { usage } from './command.ts'
import type { Parsed } from './command.ts'
import { command as init } from './init.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'
import { accept } from './scan-accept.ts'
import { placeOf } from './scan-told.ts'
import { visible } from './table.ts'

/** One look: what was found, and what platforms said of it where they were asked. */
export interface Whole {
  readonly scanned: Scanned
  readonly live: Live | null
}

export interface Fixing {
  readonly asked: Parsed
  readonly io: Io
  /** Looks again. */
  readonly whole: () => Promise<Whole>
  readonly first: Whole
}

/** What is there afterwards; `plan`: the steps, where nobody was asked and they were told instead. */
export interface Mended extends Whole {
  readonly plan: object | null
}

export async function fix(folder: string, fixing: Fixing): Promise<Mended> {
  const { asked, io, whole, first } = fixing
  if (asked.flag('staged')) throw usage('`--fix` mends what is there: leave `--staged` out')
  const house = await houseOf(folder, fixing)
  const fixes = fixesOf(shownIn(first.scanned, asked.flag('low')), first.live, house)
  if (io.interactive) {
    const isDone = await walk(folder, fixes, { fixing, house })
    return { ...(isDone ? await whole() : first), plan: null }
  }
  for (const [at, one] of fixes.entries()) for (const line of linesOf(io, at, one)) io.say(line)
  const after = [
    ['firebreak', 'up', '--config', house.config],
    ['firebreak', 'run', '--config', house.config, '--expires', '8h', '--', 'AGENT'],
    ['firebreak', 'scan', folder, ...house.again],
  ]
  if (fixes.length > 0) {
    io.say('then start Firebreak, start each agent with a grant of its own, and look again:')
    for (const words of after) io.say(`  ${visible(shell(words))}`)
    io.say('')
  }
  return { ...first, plan: { fix: fixes.map(jsonOf), after: after.map(shell) } }
}

const shownIn = ({ told }: Scanned, low: boolean): Scanned['told'] =>
  told.filter(({ finding }) => low || finding.weight !== 'low')

/** What `init` would do is looked at without asking any platform: a scan sends nothing that was not asked for. */
async function houseOf(folder: string, { asked, io, first }: Fixing): Promise<FixHouse> {
  const config = resolve(asked.text('config') ?? `${folder}/firebreak.yaml`)
  const home = first.scanned.told.some(({ finding }) =>
    finding.places.some(({ source }) => source === 'home' && finding.rule === 'pgpass'),
  )
  const again = [
    ...asked.list('only').flatMap((source) => ['--only', source]),
    ...(asked.flag('live') ? ['--live'] : []),
    ...asked.list('instead').flatMap((instead) => ['--instead', instead]),
    ...(asked.text('config') === null || !asked.flag('live') ? [] : ['--config', config]),
  ]
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  const house = { folder, config, again, until, home }
  try {
    const prepared = await prepare({ file: config, store: null, all: false, home, asks: false })
    return { ...house, prepared }
  } catch (thrown) {
    // Nothing can be led through Firebreak then; all else can be mended.
    if (!(thrown instanceof FirebreakError)) throw thrown
    io.note(
      visible(`\`firebreak init\` cannot be used here: ${thrown.message}; ${thrown.hint ?? ''}`),
    )
    return { ...house, prepared: null }
  }
}

interface Walking {
  readonly fixing: Fixing
  readonly house: FixHouse
}

/** One question each; false where nothing may have changed. */
async function walk(
  folder: string,
  fixes: readonly Fix[],
  { fixing, house }: Walking,
): Promise<boolean> {
  const { io, whole, first } = fixing
  let standing: Whole = first
  let hasChanged = false
  for (const [at, one] of fixes.entries()) {
    if (!isThere(standing, one)) continue
    for (const line of linesOf(io, at, one)) io.say(line)
    const answer = await io.ask(question(one))
    if (answer === null) break
    if (/^a/i.test(answer)) hasChanged = (await acceptOne(folder, one, fixing)) || hasChanged
    if (/^y/i.test(answer) && one.way === 'init') {
      await setUp(house, io)
      standing = await whole()
      hasChanged = true
    }
    if (/^d/i.test(answer)) hasChanged = true
  }
  return hasChanged
}

const question = ({ way }: Fix): string =>
  way === 'init'
    ? 'put it into custody now (y), accept it with a reason (a), or leave it (Enter)? '
    : 'is it done (d), accept it with a reason (a), or leave it (Enter)? '

/** Other findings may have gone with the one before. */
const isThere = ({ scanned }: Whole, { finding }: Fix): boolean =>
  finding === null ||
  scanned.told.some((each) => each.finding.found.secret.reveal() === finding.found.secret.reveal())

/** INVARIANT (power-widens-with-a-person): `init` shows what it would write, and asks for the yes and the code itself. */
async function setUp({ config, home }: FixHouse, io: Io): Promise<void> {
  try {
    await init.run([...(home ? ['--home'] : []), '--config', config], io)
  } catch (thrown) {
    // It was not done, and says why; the findings after it can still be mended.
    if (!(thrown instanceof FirebreakError)) throw thrown
    io.say(visible(`not done: ${thrown.message}${thrown.hint === null ? '' : `; ${thrown.hint}`}`))
  }
}

async function acceptOne(folder: string, { id }: Fix, { io, first }: Fixing): Promise<boolean> {
  const reason = await io.ask('why: ')
  const until = await io.ask('until which day (YYYY-MM-DD; Enter: without an end): ')
  try {
    const wish = { ids: [id], reason, until: until === '' ? null : until }
    accept(folder, wish, { ...first, io })
    return true
  } catch (thrown) {
    // A slip in the answer accepts nothing, and the walk goes on.
    if (!(thrown instanceof FirebreakError)) throw thrown
    io.say(visible(`not accepted: ${thrown.message}`))
    return false
  }
}

function linesOf(
  io: Io,
  at: number,
  { title, finding, steps, accept: words }: Fix,
): readonly string[] {
  const places = (finding?.places ?? []).slice(0, 3).map(placeOf)
  return [
    paint(io, 'bold', visible(`${at + 1}. ${title}`)),
    ...(finding === null
      ? []
      : [visible(`   ${places.join(', ')}  ${finding.rule}  ${finding.masked}`)]),
    ...steps.flatMap(({ say, command }) => [
      visible(`   - ${say}`),
      ...(command === null ? [] : [visible(`       ${shell(command)}`)]),
    ]),
    visible(`   or accept it: ${shell(words)}`),
    '',
  ]
}

/** Nothing in it is a secret. */
const jsonOf = ({ id, title, way, steps, accept: words }: Fix): object => ({
  id,
  title,
  way,
  steps: steps.map(({ say, command }) => ({
    say,
    command: command === null ? null : shell(command),
  })),
  accept: shell(words),
})

const shell = (words: readonly string[]): string => words.map(shellWord).join(' ')
