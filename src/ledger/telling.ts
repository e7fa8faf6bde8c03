/** Entries in a person's words: one line each, made safe to print, read without trust in any member. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { withoutLookalikes } from '../base/lookalike.ts'
import { coded } from '../base/plain.ts'
import { timeText } from './leaf.ts'
import type { Told } from './leaf.ts'

const longest = 300

/** Text that others wrote, on one line: no control, no direction marks, no letter that passes for another, no more than 300 characters. */
export function plain(written: string): string {
  const line = withoutLookalikes(written.toWellFormed(), coded)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim()
  return line.length <= longest ? line : `${line.slice(0, longest).toWellFormed()}…`
}

/** A member as safe text; null where it is no text. */
export function text(body: JsonObject, name: string): string | null {
  const value = body[name]
  return typeof value === 'string' ? plain(value) : null
}

export function number(body: JsonObject, name: string): number | null {
  const value = body[name]
  return typeof value === 'number' ? value : null
}

/** A member as a list; empty where it is none. */
export function list(body: JsonObject, name: string): readonly Json[] {
  const value = body[name]
  return Array.isArray(value) ? value : []
}

/** One line for the timeline: what the entry says happened. A kind of a newer Firebreak is shown by its name. */
export function lineOf(told: Told): string {
  const { kind, subject } = told
  const lines = { ...linesOfAction(told), ...linesOfHouse(told), ...linesOfPeople(told) }
  const known = Object.hasOwn(lines, kind) ? lines[kind] : undefined
  const line = known ?? `${plain(kind)}${named(subject)}`
  return told.cut ? `${line} (the entry was too long: its whole is kept by digest)` : line
}

type Lines = Readonly<Partial<Record<string, string>>>

function linesOfAction({ principal, body }: Told): Lines {
  const who = plain(principal ?? 'somebody')
  const what = `${text(body, 'operation') ?? 'an action'} on ${text(body, 'target') ?? 'a target'}`
  const by = byWhom(body)
  const why = whyOf(body)
  return {
    held: `${who} asked for ${what}; held for a person${because(why)}`,
    denied: `refused: ${what}, asked for by ${who}${because(why)}`,
    intent: `about to run ${what} for ${who}`,
    outcome: outcomeLine(what, body),
    approved: `${by} approved ${what}`,
    rejected: `${by} said no to ${what}${because(why)}`,
    expired: `nobody answered in time: ${what} is refused`,
    scheduled: `approved; ${what} runs ${whenOf(body)}, unless it is undone before`,
    undone: `${by} took ${what} back before it ran`,
    shadowed: `${who} was let pass with ${what} (shadow mode); the answer would have been: ${text(body, 'would') ?? 'no'}`,
  }
}

function linesOfHouse({ subject, principal, body }: Told): Lines {
  const by = byWhom(body)
  return {
    started: 'the daemon was started',
    stopped: 'the daemon was stopped',
    accepted: `${by} accepted the config as it is`,
    minted: `${by} minted a grant for ${plain(principal ?? 'somebody')}${named(subject)}`,
    revoked: `${by} revoked a grant${named(subject)}`,
    reopened: `${by} reopened what a no had closed${named(subject)}`,
    custody: custodyLine(by, plain(subject ?? 'something'), text(body, 'what')),
    'recovery-point': `a recovery point was taken${named(subject)}`,
    restored: `a recovery point was brought back${named(subject)}`,
    pruned: `${by} had old recovery points taken away from the vault`,
    drilled: `a drill of a recovery point ${body['passed'] === true ? 'passed' : 'failed'}${named(subject)}`,
    graded: `the vault's second place has grade ${text(body, 'grade') ?? 'none'}`,
    halted: `halt${named(subject)}, by ${by}${because(whyOf(body))}`,
    resumed: `resumed${named(subject)}, by ${by}`,
    alarm: `alarm: ${text(body, 'message') ?? 'no message'}`,
    request: `${requests(number(body, 'count') ?? 0)} allowed, this action among them`,
  }
}

/** What became of a credential. */
function custodyLine(by: string, whose: string, what: string | null): string {
  if (what === 'added') return `${by} put the credential of ${whose} into custody`
  if (what === 'removed') return `${by} took the credential of ${whose} out of custody`
  if (what === 'logged in') return `${by} logged in to ${whose}`
  if (what === 'given back') return `${by} had the files from before the set-up given back`
  return `custody (${whose})`
}

function requests(count: number): string {
  return count === 1 ? '1 ordinary request was' : `${count} ordinary requests were`
}

function linesOfPeople({ body }: Told): Lines {
  const by = byWhom(body)
  const name = text(body, 'name') ?? 'somebody'
  const hasKey = isObject(body['passkey'] ?? null)
  return {
    invited: `${by} invited ${name} to make a passkey`,
    enrolled: `${name} is enrolled as ${text(body, 'role') ?? 'one of unknown role'}${hasKey ? ', with a passkey' : ''}${text(body, 'by') === null ? ', the first' : `, by ${by}`}`,
    delegated: `${by} had ${text(body, 'to') ?? 'somebody'} sign in the place of ${name}${untilOf(body)}`,
    undelegated: `${by} ended that ${text(body, 'to') ?? 'somebody'} signs in the place of ${name}`,
    removed: `${by} removed ${text(body, 'passkey') === null ? '' : 'a passkey of '}${name}`,
    'signed-in': `${name} came in at the console by ${text(body, 'how') ?? 'some way'}`,
  }
}

/** With the one whose voice it was, where it was not their own. */
function byWhom(body: JsonObject): string {
  const who = text(body, 'approver') ?? text(body, 'by') ?? 'somebody'
  const place = text(body, 'for')
  return place === null ? who : `${who}, in the place of ${place},`
}

function untilOf(body: JsonObject): string {
  const until = number(body, 'until')
  return until === null ? '' : ` until ${timeText(until)}`
}

function whyOf(body: JsonObject): string | null {
  return text(body, 'why') ?? text(body, 'reason') ?? firstFinding(body)
}

function outcomeLine(what: string, body: JsonObject): string {
  const summary = text(body, 'summary')
  const status = number(body, 'status')
  const answer = `${status === null ? '' : ` (status ${status})`}${because(summary)}`
  if (body['ok'] === true) return `done: ${what}${answer}`
  return body['ok'] === false
    ? `not done, or not in full: ${what}${answer}`
    : `ended: ${what}${answer}`
}

function whenOf(body: JsonObject): string {
  const at = number(body, 'executesAt')
  return at === null ? 'later' : `at ${timeText(at)}`
}

function firstFinding(body: JsonObject): string | null {
  const [first = null] = list(body, 'findings')
  return first !== null && typeof first === 'object' && 'message' in first
    ? text(first, 'message')
    : null
}

function because(why: string | null): string {
  return why === null || why === '' ? '' : `: ${why}`
}

function named(subject: string | null): string {
  return subject === null ? '' : ` (${plain(subject)})`
}
