/** What a patch does to one service. INVARIANT (new is no excuse): `isCreated` excuses no command and no open port, since anybody can write it beside an old service's id. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { deletion, each, lost, unknownMembers, unknownPart, variablesPatch } from './patch-parts.ts'
import { given, isEmptyText, items, member, when } from './row.ts'
import type { Named, Reason } from './row.ts'
import { isNothing, outage, runsCode } from './service-rows.ts'
import { printable } from './shape.ts'
import { detached, moved } from './volume-rows.ts'

const serviceMembers: ReadonlySet<string> = new Set([
  'build',
  'configFile',
  'deploy',
  'groupId',
  'icon',
  'isCreated',
  'isDeleted',
  'name',
  'networking',
  'source',
  'variables',
  'volumeMounts',
])

/** The reasons of one member of `services`; null deletes it. */
export function servicePatch(id: string, service: Json): readonly Reason[] {
  const name: Named = ['service', id]
  const gone = lost(
    ['container', 'data', 'name'],
    `deletes the service \`${printable(id)}\` with its settings, variables and domains`,
    name,
  )
  if (service === null) return [gone]
  if (!isObject(service)) return [unknownPart(`services.${id}`)]
  const reasons = [
    ...deletion(service, `services.${id}`, gone),
    ...partPatch(service, 'source', sourcePatch),
    ...partPatch(service, 'build', buildPatch),
    ...partPatch(service, 'deploy', deployPatch),
    ...partPatch(service, 'networking', networkingPatch),
    ...optional(service, 'variables', (value) => variablesPatch(value, 'variable')),
    ...optional(service, 'volumeMounts', mountsPatch),
    ...unknownMembers(service, serviceMembers, `services.${id}`),
  ]
  return reasons.map((reason) => ({ ...reason, names: [...(reason.names ?? []), name] }))
}

function optional(
  service: JsonObject,
  key: string,
  read: (value: Json) => readonly Reason[],
): readonly Reason[] {
  const value = member(service, key)
  return value === undefined ? [] : read(value)
}

/** A part that must be an object; null resets it, which for networking and source takes something away. */
function partPatch(
  service: JsonObject,
  key: string,
  read: (part: JsonObject) => readonly Reason[],
): readonly Reason[] {
  return optional(service, key, (value) => {
    if (isObject(value)) return read(value)
    if (value !== null) return [unknownPart(key)]
    if (key === 'networking') return [lost(['name'], 'takes every domain and port away')]
    return key === 'source' ? [outage('source-removed', 'leaves the service without a source')] : []
  })
}

const sourceMembers: ReadonlySet<string> = new Set([
  'autoUpdates',
  'branch',
  'checkSuites',
  'commitSha',
  'image',
  'repo',
  'rootDirectory',
  'upstreamUrl',
])

function sourcePatch(source: JsonObject): readonly Reason[] {
  const other = ['branch', 'image', 'repo'].some((key) => given(source, key))
  return [
    ...when([other, runsCode('lets another source run in the service')]),
    ...unknownMembers(source, sourceMembers, 'source'),
  ]
}

const buildMembers: ReadonlySet<string> = new Set([
  'buildCommand',
  'buildEnvironment',
  'builder',
  'dockerfilePath',
  'nixpacksConfigPath',
  'nixpacksPlan',
  'nixpacksVersion',
  'railpackVersion',
  'watchPatterns',
])

function buildPatch(build: JsonObject): readonly Reason[] {
  return unknownMembers(build, buildMembers, 'build')
}

const deployMembers: ReadonlySet<string> = new Set([
  'cronSchedule',
  'drainingSeconds',
  'healthcheckPath',
  'healthcheckTimeout',
  'ipv6EgressEnabled',
  'limitOverride',
  'multiRegionConfig',
  'numReplicas',
  'overlapSeconds',
  'preDeployCommand',
  'region',
  'registryCredentials',
  'requiredMountPath',
  'restartPolicyMaxRetries',
  'restartPolicyType',
  'runtime',
  'sleepApplication',
  'startCommand',
  'useLegacyStacker',
])

/** The reasons of a deploy section, also where a change set carries one. */
export function deployPatch(deploy: JsonObject): readonly Reason[] {
  const before = items(member(deploy, 'preDeployCommand'))
  return [
    ...when(
      [
        before.some((command) => !isEmptyText(command)),
        runsCode('sets a command that runs before each deploy'),
      ],
      [
        given(deploy, 'startCommand') && !isEmptyText(member(deploy, 'startCommand')),
        runsCode('sets the command that the service starts with'),
      ],
      [
        given(deploy, 'cronSchedule'),
        outage('runs-by-schedule', 'makes the service run by schedule only, and stop in between'),
      ],
      [member(deploy, 'sleepApplication') === true, outage('sleeps', 'lets the service sleep')],
      [
        isNothing(deploy, 'numReplicas') || stopsRegion(member(deploy, 'multiRegionConfig')),
        outage('scaled-to-zero', 'leaves a region without a copy that runs'),
      ],
      [
        given(deploy, 'region'),
        outage('region-moved', 'moves the service to another region, its volume with it'),
      ],
    ),
    ...unknownMembers(deploy, deployMembers, 'deploy'),
  ]
}

function stopsRegion(regions: Json | undefined): boolean {
  if (!isObject(regions)) return regions !== undefined
  return Object.values(regions).some(
    (region) => region === null || isNothing(region, 'numReplicas'),
  )
}

const networkingMembers: ReadonlySet<string> = new Set([
  'customDomains',
  'privateNetworkEndpoint',
  'serviceDomains',
  'tcpProxies',
])

/** The reasons of a networking section: what opens is exposed, what closes is a name that others can take. */
function networkingPatch(networking: JsonObject): readonly Reason[] {
  const opens = (what: string): Reason => ({
    effect: 'expose',
    rule: 'reachable-from-everywhere',
    why: `${what} that is reachable from everywhere`,
    instead: ['reach the service through the private network'],
  })
  return [
    ...names(networking, 'serviceDomains', opens('makes a domain')),
    ...names(networking, 'tcpProxies', opens('opens a port')),
    ...names(networking, 'customDomains', null),
    ...when([
      member(networking, 'privateNetworkEndpoint') !== undefined,
      outage(
        'private-name-changed',
        'changes the private name; who asks for the old one gets no answer',
      ),
    ]),
    ...unknownMembers(networking, networkingMembers, 'networking'),
  ]
}

function names(networking: JsonObject, key: string, opened: Reason | null): readonly Reason[] {
  return optional(networking, key, (value) =>
    each(value, key, lost(['name'], `takes all of \`${key}\` away`), (id, inner) => {
      if (inner === null)
        return [lost(['name'], `gives up \`${printable(id)}\`, which others can take`)]
      if (!isObject(inner)) return [unknownPart(`${key}.${id}`)]
      const gone = lost(['name'], `gives up \`${printable(id)}\`, which others can take`)
      const marks = deletion(inner, `${key}.${id}`, gone)
      return marks.length > 0 || opened === null ? marks : [opened]
    }),
  )
}

function mountsPatch(mounts: Json): readonly Reason[] {
  return each(mounts, 'volumeMounts', detached, (id, mount) => {
    const name: Named = ['volume', id]
    if (mount === null) return [{ ...detached, names: [name] }]
    return isObject(mount) ? [{ ...moved, names: [name] }] : [unknownPart(`volumeMounts.${id}`)]
  })
}
