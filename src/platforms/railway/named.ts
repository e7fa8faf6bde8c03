/** Which things the arguments name, by the names of the arguments. */
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { items } from './row.ts'
import type { Named } from './row.ts'

/** An environment that something is only copied from (`baseEnvironmentId`) is no place where the operation acts, so it stands not here. */
const types: ReadonlyMap<string, string> = new Map([
  ['backupId', 'backup'],
  ['bucketId', 'bucket'],
  ['cloudAgentId', 'cloudAgent'],
  ['customerId', 'customer'],
  ['deploymentId', 'deployment'],
  ['destinationWorkspaceId', 'workspace'],
  ['domain', 'domain'],
  ['environmentId', 'environment'],
  ['existingRootServiceId', 'service'],
  ['privateNetworkId', 'privateNetwork'],
  ['projectId', 'project'],
  ['replicaServiceIds', 'service'],
  ['rootServiceId', 'service'],
  ['sandboxId', 'sandbox'],
  ['serviceDomainId', 'serviceDomain'],
  ['serviceId', 'service'],
  ['serviceIds', 'service'],
  ['serviceInstanceId', 'serviceInstance'],
  ['sourceEnvironmentId', 'environment'],
  ['sourceSandboxId', 'sandbox'],
  ['targetEnvironmentId', 'environment'],
  ['templateId', 'template'],
  ['volumeId', 'volume'],
  ['volumeInstanceBackupId', 'backup'],
  ['volumeInstanceId', 'volumeInstance'],
  ['wipeServiceIds', 'service'],
  ['workspaceId', 'workspace'],
])

/** Every thing that an argument or a member of `input` names, each once; `id` is of the type that the row says. */
export function namedBy(args: JsonObject, idType: string | null): readonly Named[] {
  const found = new Map<string, Named>()
  collect(args, idType, found)
  const input = Object.hasOwn(args, 'input') ? args['input'] : undefined
  if (isObject(input)) collect(input, idType, found)
  return [...found.values()]
}

/** By type and id: a call may name ten thousand things, and each is looked at once. */
function collect(value: JsonObject, idType: string | null, found: Map<string, Named>): void {
  for (const key of Object.keys(value)) {
    const type = key === 'id' ? idType : (types.get(key) ?? null)
    if (type === null) continue
    const given = value[key]
    for (const id of typeof given === 'string' ? [given] : items(given))
      if (typeof id === 'string') add(found, type, id)
  }
}

function add(found: Map<string, Named>, type: string, id: string): void {
  const key = `${type}/${id}`
  if (!found.has(key)) found.set(key, [type, id])
}
