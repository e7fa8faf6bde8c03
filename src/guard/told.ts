/** The facts of an answer, put together for whoever asked. */
import { actionEffect } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import { noRadius } from '../core/blast-radius.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { settled } from '../core/hold.ts'
import type { Resource } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import { isObject, parseJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { House } from './house.ts'
import type { Passed, Told } from './passed.ts'
import type { HoldRow } from './rows.ts'

/** A denial with its reasons; nothing is stored for it but the ledger's entry. */
export function deniedTold(
  house: Pick<House, 'environments'>,
  { action, radius }: { readonly action: Action; readonly radius: BlastRadius },
  { findings, entry }: { readonly findings: readonly Finding[]; readonly entry: number },
): Told {
  return {
    operation: operationNames(action),
    effect: actionEffect(action),
    verdict: 'deny',
    findings,
    radius: named(house, action.target, radius),
    holdId: null,
    state: null,
    executesAt: null,
    expiresAt: null,
    retryable: false,
    alternatives: alternativesOf(action),
    entry,
  }
}

/** Where a hold stands, as the answer to whoever asks for its action again. */
export function standing(house: House, hold: HoldRow): Passed {
  const told: Told = {
    operation: operationNames(hold.action),
    effect: actionEffect(hold.action),
    verdict: hold.state === 'denied' || hold.state === 'expired' ? 'deny' : 'hold',
    findings: closingFindings(hold),
    radius: named(house, hold.action.target, hold.radius),
    holdId: hold.id,
    state: hold.state,
    executesAt: hold.executesAt,
    expiresAt: hold.expiresAt,
    retryable: !settled(hold.state),
    alternatives: hold.alternatives,
    entry: hold.last,
  }
  if (hold.state === 'open') return { kind: 'held', told }
  if (hold.state === 'denied' || hold.state === 'expired') return { kind: 'denied', told }
  if (!settled(hold.state)) return { kind: 'scheduled', told }
  return { kind: 'settled', told, ok: hold.outcome?.ok ?? false, answer: openAnswer(house, hold) }
}

/** Environments by the names that the config gives them, as grants and people know them; the id where it gives none. */
function named(
  house: Pick<House, 'environments'>,
  target: string,
  radius: BlastRadius,
): BlastRadius {
  const { name } = house.environments(target)
  const all = (things: readonly Resource[]): readonly Resource[] =>
    things.map((thing) => ({
      ...thing,
      environment: thing.environment === null ? null : name(thing.environment),
    }))
  const { resources, backups, left } = radius
  return {
    ...radius,
    environments: radius.environments.map(name),
    resources: all(resources),
    backups: all(backups),
    left: all(left),
  }
}

export function operationNames(action: Action): string {
  return action.operations.map((operation) => operation.name).join(', ')
}

export function alternativesOf(action: Action): readonly string[] {
  return [...new Set(action.operations.flatMap((operation) => operation.alternatives))]
}

/** The answer to who is stopped: nothing about the request is looked at, so nothing but the reason is said. */
export function barredTold(operation: string, finding: Finding): Told {
  return {
    operation,
    effect: 'unread',
    verdict: 'deny',
    findings: [finding],
    radius: noRadius,
    holdId: null,
    state: null,
    executesAt: null,
    expiresAt: null,
    retryable: false,
    alternatives: finding.rule === 'grant' ? [] : ['stop, and wait for a person to resume'],
    entry: null,
  }
}

function closingFindings(hold: HoldRow): readonly Finding[] {
  if (hold.closing === null) return hold.findings
  return [{ rule: hold.state, message: hold.closing }, ...hold.findings]
}

function openAnswer(house: House, hold: HoldRow): Json {
  const sealed = hold.outcome?.sealed
  if (sealed === null || sealed === undefined) return null
  const opened = parseJson(house.seal.open(sealed, `answer:${hold.id}`))
  return isObject(opened) ? (opened['answer'] ?? null) : null
}
