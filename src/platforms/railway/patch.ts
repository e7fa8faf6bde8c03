/** What a patch of an environment's configuration does: every member is read, and what is not known is unread. */
import { isObject } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { deletion, each, lost, unknownMembers, unknownPart, variablesPatch } from './patch-parts.ts'
import { servicePatch } from './patch-service.ts'
import { items, member } from './row.ts'
import type { Named, Reason } from './row.ts'
import { outage } from './service-rows.ts'
import { printable } from './shape.ts'

/** One reason for each thing that goes, opens, runs or is not understood; none for an ordinary change. */
export function patchReasons(patch: Json): readonly Reason[] {
  if (!isObject(patch)) return [unknownPart('the patch')]
  return Object.entries(patch).flatMap(([key, value]) => topMember(key, value))
}

function topMember(key: string, value: Json): readonly Reason[] {
  switch (key) {
    case 'services':
      return each(value, key, lost(['container', 'name'], 'deletes every service'), servicePatch)
    case 'volumes':
      return each(value, key, lost(['data', 'backup'], 'deletes every volume'), volumePatch)
    case 'buckets':
      return each(value, key, lost(['data'], 'deletes every bucket'), bucketPatch)
    case 'sharedVariables':
      return variablesPatch(value, 'shared variable')
    case 'groups':
      return []
    case 'privateNetworkDisabled':
      return value === true
        ? [outage('private-network-off', 'switches the private network off')]
        : value === false || value === null
          ? []
          : [unknownPart(key)]
    case 'stopServices':
      return items(value).length === 0
        ? []
        : [outage('services-stopped', 'stops services that run')]
    default:
      return [unknownPart(key)]
  }
}

const volumeMembers: ReadonlySet<string> = new Set([
  'isCreated',
  'isDeleted',
  'mountPath',
  'name',
  'region',
  'sizeMB',
  'allowOnlineResize',
])

function volumePatch(id: string, volume: Json): readonly Reason[] {
  const name: Named = ['volume', id]
  const gone = lost(
    ['data', 'backup'],
    `deletes the volume \`${printable(id)}\` with the backups that live inside it`,
    name,
  )
  if (volume === null) return [gone]
  if (!isObject(volume)) return [unknownPart(`volumes.${id}`)]
  const reasons = deletion(volume, `volumes.${id}`, gone)
  const changed = ['mountPath', 'region'].filter(
    (key) => member(volume, key) !== undefined && member(volume, 'isCreated') !== true,
  )
  const moving = outage('volume-moved', 'moves a volume, and its service stands still meanwhile')
  return [
    ...reasons,
    ...(changed.length > 0 ? [{ ...moving, names: [name] }] : []),
    ...unknownMembers(volume, volumeMembers, `volumes.${id}`),
  ]
}

const bucketMembers: ReadonlySet<string> = new Set(['isCreated', 'isDeleted', 'name', 'region'])

function bucketPatch(id: string, bucket: Json): readonly Reason[] {
  const gone = lost(['data'], `deletes the bucket \`${printable(id)}\` with its files`, [
    'bucket',
    id,
  ])
  if (bucket === null) return [gone]
  if (!isObject(bucket)) return [unknownPart(`buckets.${id}`)]
  const moved = member(bucket, 'region') !== undefined && member(bucket, 'isCreated') !== true
  return [
    ...deletion(bucket, `buckets.${id}`, gone),
    ...(moved ? [unknownPart(`buckets.${id}.region`)] : []),
    ...unknownMembers(bucket, bucketMembers, `buckets.${id}`),
  ]
}
