/**
 * A call of an MCP tool, as what it does to the world. Nothing that the server says of itself makes a call less grave: not its
 * annotations, not its description; both can make it graver. What an agent hands in as `confirm` says nothing at all.
 */
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { worstEffect } from '../../core/effect.ts'
import type { Effect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { masked } from './mask.ts'
import { grave, held, quiet } from './judged.ts'
import type { Judged } from './judged.ts'
import { judgeOver } from './over.ts'
import { judgeOwn } from './own-files.ts'
import { judgePlace } from './payload.ts'
import type { ByName, PayloadReaders } from './payload.ts'
import { judgeRequests } from './request.ts'
import { isNote, isRunByName, natureOf, placesIn } from './texts.ts'
import type { Place } from './texts.ts'
import { claimOf } from './verbs.ts'
import type { Claim } from './verbs.ts'

/** A tool as its server tells of it. */
export interface ToolSaid {
  readonly description: string
  /** True and false as the server says; null where it says nothing. */
  readonly readOnly: boolean | null
  readonly destructive: boolean | null
}

/** What a person has written down of a tool, in an accepted config. */
export type ToolWord = 'read' | 'write' | 'destroy' | 'expose'

export interface ToolCall {
  readonly tool: string
  /** Whose it is, by the name in the config; the things that it names are that target's. */
  readonly target?: string
  readonly arguments: JsonObject
  /** What stands beside them and goes with the call: answers to a server's questions, its state. */
  readonly more?: JsonObject
  /** Null where the server has not told of it. */
  readonly said: ToolSaid | null
  readonly word: ToolWord | null
  /** Where what is behind the server lives, by the ids of the config. */
  readonly environments: readonly string[]
}

/** The operation; what is not understood is `unread`. Never throws. */
export function readTool(call: ToolCall, readers: PayloadReaders): Operation {
  const { tool, word, said, environments, more = {}, target = 'mcp' } = call
  const claim = claimOf(tool)
  const places = placesIn({ arguments: call.arguments, ...more })
  const nature = natureOf(tool, claim?.runs ?? false)
  const inside =
    places === null
      ? [held('mcp-unread', 'it is given more than is read in one call')]
      : [
          ...insideOf(places, { claim, nature }, readers),
          ...places.flatMap((place) => judgeOver(place, tool)),
        ]
  const own = word === null ? ownOf(tool, claim, said, inside) : byWord(word, claim)
  const all = [...own, ...inside]
  // What only costs availability covers nothing graver beside it.
  const graver = all.filter(
    (each) => !isOutage(each) && each.effect !== 'read' && each.effect !== 'write',
  )
  const counted = graver.length > 0 ? graver : all
  const effect = worstEffect(counted.map((each) => each.effect))
  const kinds = [...new Set(all.flatMap((each) => each.kinds))]
  const findings = all
    .filter((each) => each.effect === effect || each.effect === 'destroy')
    .flatMap((each) => each.findings)
  return {
    name: tool,
    effect,
    // What cannot be read may be of any kind, and what is no destroy is of none.
    kinds: effect === 'destroy' ? kinds : [],
    parameters: { tool, arguments: call.arguments, ...more },
    shown: { tool, arguments: masked(call.arguments), ...masked(more) },
    selects: null,
    names: all.flatMap((each) => each.names ?? []).map((thing) => ({ ...thing, target })),
    environments,
    findings,
    alternatives: [],
  }
}

/** What all that it is given does. Where the name does not say it, what is given must: nothing of it may stay unread. */
function insideOf(
  places: readonly Place[],
  by: ByName,
  readers: PayloadReaders,
): readonly Judged[] {
  const { claim } = by
  const isOpen = claim === null || claim.runs
  const judged = places.map((place) => ({
    place,
    found: isData(place, claim) ? [] : judgePlace(place, by, readers),
  }))
  const inside = [...judged.flatMap(({ found }) => found), ...judgeRequests(places)]
  const own = places.flatMap((place) => judgeOwn(place, claim?.effect === 'read'))
  const left = judged.find(({ place, found }) => found.length === 0 && couldRun(place))
  return isOpen && inside.length > 0 && left !== undefined
    ? [
        ...own,
        ...inside,
        held(
          'mcp-unread',
          `what stands under \`${left.place.key.slice(0, 60)}\` is not read by anybody`,
        ),
      ]
    : [...own, ...inside]
}

/** Several words under a name that says nothing of them. */
function couldRun({ key, value, isWord }: Place): boolean {
  if (typeof value !== 'string' || isWord === true || isNote(key)) return false
  return /\S\s+\S|;/.test(value) && !/^(https?:\/\/|\.{0,2}\/|~\/)\S*$/.test(value)
}

function isOutage({ effect, kinds }: Judged): boolean {
  return effect === 'destroy' && kinds.length === 1 && kinds[0] === 'outage'
}

/** What a tool could do at the least: by that the list of tools is filtered for a grant. `null`: what it is given decides. */
export function leastOf(tool: string, said: ToolSaid | null, word: ToolWord | null): Effect | null {
  const claim = claimOf(tool)
  if (word === null && (claim === null || claim.runs)) return null
  const own = word === null ? ownOf(tool, claim, said, []) : byWord(word, claim)
  return worstEffect(own.map(({ effect }) => effect))
}

/** A comment that mentions `DROP TABLE` drops nothing: where a tool only writes something down, its texts are data. */
function isData(place: Place, claim: Claim | null): boolean {
  const isText = typeof place.value === 'string' && /\s/.test(place.value)
  if (!isText || claim?.effect !== 'write' || writesRun.has(claim.word)) return false
  return !isRunByName(place)
}

/** Verbs that sound like writing and hand on what they are given. */
const writesRun: ReadonlySet<string> = new Set([
  'send',
  'submit',
  'push',
  'put',
  'post',
  'patch',
  'trigger',
  'start',
  'import',
  'deploy',
  'insert',
  'update',
  'upsert',
  'sync',
  'build',
  'install',
  'test',
  'schedule',
])

function ownOf(
  tool: string,
  claim: Claim | null,
  said: ToolSaid | null,
  inside: readonly Judged[],
): readonly Judged[] {
  if (claim === null || claim.runs) {
    if (inside.length > 0 && saysGrave(said) === null) return []
    return [
      saysGrave(said) ??
        held(
          'mcp-unread',
          `what \`${tool}\` does is not known: neither its name nor what it is given says so`,
        ),
    ]
  }
  const { effect, kinds, word } = claim
  if (effect !== 'read' && effect !== 'write')
    return [{ ...grave(effect, kinds, `\`${tool}\` says \`${word}\``), kinds }]
  return [saysGrave(said) ?? hinted(effect, claim, said)]
}

/** A server that speaks against itself is believed. */
function hinted(effect: 'read' | 'write', { word }: Claim, said: ToolSaid | null): Judged {
  const isPlain = [
    'write',
    'edit',
    'create',
    'add',
    'comment',
    'send',
    'post',
    'append',
    'upload',
    'save',
  ].includes(word)
  if (effect === 'write' && said?.destructive === true && !isPlain)
    return grave('destroy', ['overwrite'], 'its server itself calls it destructive')
  return effect === 'read' && said?.readOnly === false ? quiet('write') : quiet(effect)
}

/** By its description alone: strong words, or one that begins with a verb of loss. */
function saysGrave(said: ToolSaid | null): Judged | null {
  if (said === null) return null
  const text = said.description.slice(0, 20_000)
  const strong =
    /\b(irreversibl[ey]|cannot be undone|can['’]t be undone|permanently (?:delet|remov|destroy|eras|drop)\w*|(?<!non-)(?<!not )destructive (?:operation|action|tool))/i.exec(
      text,
    )
  const begins =
    /^\W*(deletes?|removes?|destroys?|drops?|wipes?|erases?|purges?|truncates?)\b/i.exec(text)
  const found = strong?.[0] ?? begins?.[1]
  return found === undefined
    ? null
    : grave('destroy', ['data'], `its description says \`${found.slice(0, 60)}\``)
}

function byWord(word: ToolWord, claim: Claim | null): readonly Judged[] {
  if (word === 'read' || word === 'write') return [quiet(word)]
  const kinds = claim?.effect === 'destroy' ? claim.kinds : (['data'] as const)
  return [grave(word, word === 'destroy' ? kinds : [], 'the config says so')]
}

/** A tool of a list, as the server tells it; null where it is none. */
export function toolSaid(tool: unknown): ToolSaid | null {
  if (!isObject(tool) || typeof tool['name'] !== 'string') return null
  const hints = isObject(tool['annotations']) ? tool['annotations'] : {}
  const hint = (name: string): boolean | null => {
    const value = hints[name]
    return typeof value === 'boolean' ? value : null
  }
  const { description } = tool
  return {
    description: typeof description === 'string' ? description : '',
    readOnly: hint('readOnlyHint'),
    destructive: hint('destructiveHint'),
  }
}
