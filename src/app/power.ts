/** What the config and the policies allow, as one value: a change of it is accepted by a person before it counts. */
import { digest, isObject, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Config } from './config.ts'

/**
 * Everything that can widen power: where calls go and whose certificates count, who may call, what is protected, how long
 * people and undo have, which policies hold. `authorities` are digests of further ones, by target.
 */
export function powerOf(
  config: Config,
  policySet: string,
  authorities: { readonly [target: string]: string | null },
): JsonObject {
  const {
    mode,
    listen,
    postgres,
    console: page,
    targets,
    limits,
    grace,
    vault,
    links,
    lifeline,
    notify,
  } = config
  const facts = toJson({
    mode,
    listen,
    postgres,
    ...(page === undefined ? {} : { console: page }),
    targets,
    authorities,
    limits,
    grace: grace ?? null,
    vault: vault ?? null,
    links,
    lifeline,
    // A config without it is the one that was accepted before there was any.
    ...(notify === undefined ? {} : { notify }),
    policySet,
  })
  return isObject(facts) ? facts : {}
}

/** SHA-256 of the power: what an approver's factor is bound to when it accepts. */
export function powerDigest(power: Json): string {
  return digest(power)
}

/** One line for each place where two powers differ: `limits.hold: 14400000 → 1000`; empty when they are the same. */
export function powerChanges(before: Json, after: Json): readonly string[] {
  const [old, now] = [flat(before, ''), flat(after, '')]
  const places = [...new Set([...old.keys(), ...now.keys()])].toSorted()
  return places
    .filter((place) => old.get(place) !== now.get(place))
    .map((place) => `${place}: ${old.get(place) ?? 'nothing'} → ${now.get(place) ?? 'nothing'}`)
}

function flat(value: Json, at: string): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[at, JSON.stringify(value)]])
  const members = Object.entries(value).map(([key, member]): readonly [string, Json] => [
    key,
    toJson(member),
  ])
  return new Map(
    members.flatMap(([key, member]) => [...flat(member, at === '' ? key : `${at}.${key}`)]),
  )
}
