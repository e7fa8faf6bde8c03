/** `firebreak custody rotate`: a credential made new at its platform, after a person has seen who else uses it; and the old one proven dead. */
import { placeOf } from '../app/setup/prepare.ts'
import { lyingAround } from '../app/setup/lying.ts'
import { byHand } from '../app/rotate/by-hand.ts'
import { oldFindings } from '../app/rotate/findings.ts'
import { sendable } from '../app/rotate/seen.ts'
import type { Lying } from '../app/rotate/seen.ts'
import { isObject, objectOf, textsIn } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { exits } from './command.ts'
import type { Parsed } from './command.ts'
import { configOf, factor, first } from './daemon.ts'
import type { Io } from './io.ts'
import { openHands } from './protect-hands.ts'
import type { Hands } from './protect-hands.ts'
import { agreed } from './setup-hands.ts'
import { cell, sayTime, visible } from './table.ts'

export async function rotate(parsed: Parsed, io: Io): Promise<number> {
  const target = first(parsed, 'TARGET')
  const config = configOf(parsed)
  const entry = config.targets[target]
  if (entry !== undefined && !['postgres', 'railway'].includes(entry.platform)) {
    io.say(visible(`Firebreak cannot make the credential of \`${target}\` new by itself`))
    io.say(visible(`by hand: ${byHand('')}`))
    io.say(`then: firebreak custody add ${target}, and firebreak doctor`)
    return exits.findings
  }
  const seen = await lyingAround(placeOf(config.file))
  const hands = await openHands(config, (line) => io.note(visible(line)))
  try {
    return await signedFor(parsed, io, { hands, target, seen })
  } finally {
    await hands.close()
  }
}

interface Wish {
  readonly hands: Hands
  readonly target: string
  readonly seen: readonly Lying[]
}

async function signedFor(parsed: Parsed, io: Io, { hands, target, seen }: Wish): Promise<number> {
  const look = objectOf(
    await hands.call('custody-rotate-look', {
      target,
      seen: sendable(seen),
    }),
  )
  tellLook(io, target, look)
  const asked = {
    question: questionFor(target),
    otherwise: 'say `--yes` once you know who else logs in with it',
  }
  if (!(await agreed(parsed, io, asked))) return exits.findings
  const done = await hands.call('custody-rotate', { target, ...(await factor(parsed, io)) })
  const code = tellRotated(io, target, objectOf(done))
  tellLying(io, textsIn(look['holds']))
  io.give(done)
  return code
}

/** `firebreak custody proof`: of each target, whether the credential before this one is dead; one read each. */
export async function prove(parsed: Parsed, io: Io): Promise<number> {
  const hands = await openHands(configOf(parsed), (line) => io.note(visible(line)))
  try {
    const rows = rowsIn(await hands.call('custody-proof', {}))
    const replaced = rows.filter(({ old }) => isObject(old))
    const lines = replaced.map(({ target, old }) => ({
      target: cell(target),
      ...proofLine(objectOf(old)),
    }))
    for (const { target, text } of lines) io.say(visible(`${target}: ${text}`))
    for (const { rule, message } of rows.flatMap((row) => oldFindings({ ...row, old: null })))
      io.say(visible(`${rule}: ${message}`))
    if (lines.length === 0) io.say('no credential that is kept here has taken the place of another')
    io.give(rows)
    return lines.every(({ isDead }) => isDead) ? exits.done : exits.findings
  } finally {
    await hands.close()
  }
}

export function questionFor(target: string): string {
  return `rotate \`${target}\`? Whatever uses the old one elsewhere is locked out, an app in production too`
}

/** What a person has to know before they say yes. */
export function tellLook(io: Io, target: string, look: JsonObject): void {
  io.say(visible(`rotate \`${target}\`: ${cell(look['what'])}`))
  const uses = textsIn(look['uses'])
  for (const one of uses) io.say(visible(`  uses it now: ${one}`))
  if (uses.length === 0) io.say('  nobody else is seen to use it now')
  for (const one of textsIn(look['unseen'])) io.say(visible(`  but: ${one}`))
  for (const where of textsIn(look['holds'])) io.say(visible(`  stands in: ${where}`))
}

/** Gives the exit code: done only where the old one is dead. */
export function tellRotated(io: Io, target: string, done: JsonObject): number {
  if (done['failed'] !== undefined) {
    io.say(visible(`NOT rotated: \`${target}\`: ${cell(done['failed'])}`))
    if (typeof done['hint'] === 'string') io.say(visible(`  ${done['hint']}`))
    return exits.findings
  }
  const all = textsIn(done['targets'])
  io.say(visible(`rotated: ${all.join(', ')}: the new one is in custody, and it opens`))
  if (typeof done['left'] === 'string') io.say(visible(`  NOT taken away: ${done['left']}`))
  const line = proofLine(objectOf(done['old']))
  io.say(visible(`  ${line.text}`))
  return line.isDead ? exits.done : exits.findings
}

/** What one read with the old one has shown. */
export function proofLine({ kind = null, said = null, at = null }: JsonObject): {
  readonly text: string
  readonly isDead: boolean
} {
  if (kind === 'dead')
    return {
      text: `the old one is dead: ${cell(said)}, looked at ${sayTime(at)}`,
      isDead: true,
    }
  return kind === 'alive'
    ? { text: `the old one STILL OPENS: ${cell(said)}`, isDead: false }
    : { text: `whether the old one is dead is NOT PROVEN: ${cell(said)}`, isDead: false }
}

/** Files that are nobody's of Firebreak and hold what is dead now. */
function tellLying(io: Io, places: readonly string[]): void {
  for (const where of places)
    io.say(visible(`${where} holds the old one: what reads it there is locked out; put it right`))
}

/** The answers of `setup-rotate`, and of others that list one for each target. */
export function rowsIn(value: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(value) ? value : []).filter(isObject)
}
