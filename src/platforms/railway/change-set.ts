/** What a change set does: the platform's list of intents, each read by its kind; what is not known is unread. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { lost, unknownMembers, unknownPart } from './patch-parts.ts'
import { deployPatch } from './patch-service.ts'
import { member, text } from './row.ts'
import type { Reason } from './row.ts'
import { runsCode } from './service-rows.ts'
import { printable } from './shape.ts'
import { templateReasons } from './template.ts'
import { detached } from './volume-rows.ts'

const setMembers: ReadonlySet<string> = new Set(['changes', 'diagnostics', 'version'])

/** The reasons of all changes; a set that is no list of known changes is unread. */
export function changeSetReasons(set: Json): readonly Reason[] {
  const changes = member(set, 'changes')
  if (!isObject(set) || !isList(changes)) return [unknownPart('the change set')]
  return [
    ...changes.flatMap((change) => (isObject(change) ? changed(change) : [unknownPart('changes')])),
    ...unknownMembers(set, setMembers, 'input'),
  ]
}

function changed(change: JsonObject): readonly Reason[] {
  const address = text(member(change, 'address'))
  const kind = text(member(change, 'kind'))
  switch (kind) {
    case 'resource.create':
      return created(member(change, 'resource') ?? null)
    case 'resource.delete':
      return [deleted(address)]
    case 'resource.update':
      return updated(text(member(change, 'field')), member(change, 'after') ?? null)
    case 'variable.set':
      return variableSet(member(change, 'after'))
    case 'domain.create':
      return [opened]
    case 'variable.delete':
      return [lost(['key'], 'deletes a variable, whose value may stand nowhere else')]
    default:
      return [unknownPart(`changes.${kind}`)]
  }
}

/** A variable that is set to nothing is a variable that goes. */
function variableSet(after: Json | undefined): readonly Reason[] {
  const value = isObject(after) ? member(after, 'value') : after
  return value === undefined || value === null
    ? [lost(['key'], 'sets a variable to nothing, whose value may stand nowhere else')]
    : []
}

/** Whether it is a domain of the platform's own, which answers at once, is not told. */
const opened: Reason = {
  effect: 'expose',
  rule: 'reachable-from-everywhere',
  why: 'makes a domain that is reachable from everywhere',
  instead: ['make a custom domain with `customDomainCreate`'],
}

/** The opaque description of a new thing is searched as a template's is: it can only add, and open. */
function created(resource: Json): readonly Reason[] {
  return isObject(resource)
    ? templateReasons({ serializedConfig: resource })
    : [unknownPart('changes.resource')]
}

function deleted(address: string): Reason {
  const why = `deletes \`${printable(address)}\``
  switch (address.split('.')[0] ?? '') {
    case 'volume':
      return lost(['data', 'backup'], `${why} with the backups that live inside it`)
    case 'bucket':
      return lost(['data'], `${why} with its files`)
    case 'database':
      return lost(['data', 'backup', 'container', 'name'], `${why} with its data`)
    default:
      return lost(['container', 'data', 'name'], `${why} with what it holds`)
  }
}

function updated(field: string, after: Json): readonly Reason[] {
  switch (field) {
    case 'name':
    case 'build':
      return []
    case 'source':
      return [runsCode('lets another source run in the service')]
    case 'deploy':
      return isObject(after) ? deployPatch(after) : [unknownPart('deploy')]
    case 'networking':
      return [
        lost(['name'], 'replaces the domains and ports; those that are left out are given up'),
        ...templateReasons({ serializedConfig: { networking: after } }),
      ]
    case 'defaultMountPath':
    case 'volumeAttachments':
    case 'volumeMounts':
      return [detached]
    default:
      return [unknownPart(`changes.${field}`)]
  }
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
