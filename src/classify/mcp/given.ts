/** What a client hands to a server that asked it something (elicitation, sampling, the input of a task): there is no tool's name to go by. */
import type { JsonObject } from '../../base/json.ts'
import type { DestroyKind, Effect } from '../../core/effect.ts'
import { worstEffect } from '../../core/effect.ts'
import type { Finding } from '../../core/verdict.ts'
import { held, quiet } from './judged.ts'
import { judgePlace } from './payload.ts'
import type { PayloadReaders } from './payload.ts'
import { judgeRequests } from './request.ts'
import { natureOf, placesIn } from './texts.ts'

export interface Given {
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  readonly findings: readonly Finding[]
}

/** A write at the least: who was asked goes on by it. */
export function readGiven(value: JsonObject, readers: PayloadReaders): Given {
  const places = placesIn(value)
  const by = { claim: null, nature: natureOf('', false) }
  const found =
    places === null
      ? [held('mcp-unread', 'it says more than is read at once')]
      : [...places.flatMap((place) => judgePlace(place, by, readers)), ...judgeRequests(places)]
  const all = [quiet('write'), ...found]
  const effect = worstEffect(all.map((each) => each.effect))
  return {
    effect,
    kinds: effect === 'destroy' ? [...new Set(all.flatMap(({ kinds }) => kinds))] : [],
    findings: all.filter((each) => each.effect === effect).flatMap(({ findings }) => findings),
  }
}
