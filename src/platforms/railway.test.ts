import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { effects } from '../core/effect.ts'
import type { RootField, Selection } from './platform.ts'
import { platformNamed } from './known.ts'
import { railway } from './railway.ts'

const judge = (name: string, args: JsonObject, operation: RootField['operation'] = 'mutation') =>
  railway.judge('t', { operation, name, arguments: args, selects: [] })
const said = (name: string, args: JsonObject): string => {
  const { effect, kinds } = judge(name, args)
  return [effect, ...kinds.toSorted()].join(' ')
}
const service = { environmentId: 'e', serviceId: 's' }
const set = { environmentId: 'e', projectId: 'p' }
const instance = { volumeInstanceId: 'i' }
const patch = (value: JsonObject): JsonObject => ({ environmentId: 'e', patch: value })
const change = (...changes: readonly JsonObject[]): JsonObject => ({
  environmentId: 'e',
  input: { version: 0, changes, diagnostics: [] },
})

test.each<[string, string, JsonObject, string]>([
  // R05: what hides behind "update"
  [
    'state DELETED',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { state: 'DELETED' } },
    'destroy backup data guard outage',
  ],
  [
    'state DELETING, attached',
    'volumeInstanceUpdate',
    { volumeId: 'v', environmentId: 'e', input: { serviceId: 's', state: 'DELETING' } },
    'destroy backup data',
  ],
  [
    'nothing at all: detaches',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: {} },
    'destroy guard outage',
  ],
  [
    'serviceId null: detaches',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: null } },
    'destroy guard outage',
  ],
  [
    'another path',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's', mountPath: '/x' } },
    'destroy outage',
  ],
  [
    'the same service',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's' } },
    'write',
  ],
  [
    'READY, attached',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's', state: 'READY' } },
    'write',
  ],
  [
    'a forced state',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's', state: 'MIGRATING' } },
    'unread',
  ],
  [
    'a state that does not exist',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's', state: 'GONE' } },
    'unread',
  ],
  [
    'a state that is an object',
    'volumeInstanceUpdate',
    { volumeId: 'v', input: { serviceId: 's', state: {} } },
    'unread',
  ],
  ['a volume id in a list', 'volumeDelete', { volumeId: ['v'] }, 'unread backup data'],
  ['a volume id that is a number', 'volumeDelete', { volumeId: 5 }, 'unread backup data'],
  [
    'a restore',
    'volumeInstanceBackupRestore',
    { ...instance, volumeInstanceBackupId: 'b' },
    'destroy backup overwrite',
  ],
  [
    'a restore that wipes',
    'volumeInstanceBackupRestore',
    { ...instance, volumeInstanceBackupId: 'b', wipeServiceIds: ['s'] },
    'destroy backup data overwrite',
  ],
  [
    'a restore that wipes one',
    'volumeInstanceBackupRestore',
    { ...instance, volumeInstanceBackupId: 'b', wipeServiceIds: 's' },
    'destroy backup data overwrite',
  ],
  [
    'no schedule',
    'volumeInstanceBackupScheduleUpdate',
    { ...instance, kinds: [] },
    'destroy guard',
  ],
  ['a schedule', 'volumeInstanceBackupScheduleUpdate', { ...instance, kinds: ['DAILY'] }, 'write'],
  [
    'a schedule as one value',
    'volumeInstanceBackupScheduleUpdate',
    { ...instance, kinds: 'DAILY' },
    'write',
  ],
  [
    'variables replaced',
    'variableCollectionUpsert',
    { input: { ...set, replace: true, variables: { A: 'x' } } },
    'destroy key overwrite',
  ],
  [
    'variables set',
    'variableCollectionUpsert',
    { input: { ...set, replace: false, variables: { A: 'x' } } },
    'write',
  ],
  [
    'variables set, replace null',
    'variableCollectionUpsert',
    { input: { ...set, replace: null, variables: {} } },
    'write',
  ],
  [
    'replace as text',
    'variableCollectionUpsert',
    { input: { ...set, replace: 'true', variables: {} } },
    'unread',
  ],
  [
    'an unknown member',
    'variableCollectionUpsert',
    { input: { ...set, Replace: true, variables: {} } },
    'unread',
  ],
  [
    'a member called __proto__',
    'variableCollectionUpsert',
    { input: { ...set, variables: {}, ['__proto__']: {} } },
    'unread',
  ],
  // services
  [
    'a pre-deploy command',
    'serviceInstanceUpdate',
    { ...service, input: { preDeployCommand: ['sh -c x'] } },
    'destroy exec',
  ],
  [
    'no pre-deploy command',
    'serviceInstanceUpdate',
    { ...service, input: { preDeployCommand: [] } },
    'write',
  ],
  [
    'a start command',
    'serviceInstanceUpdate',
    { ...service, input: { startCommand: 'x' } },
    'destroy exec',
  ],
  [
    'another image',
    'serviceInstanceUpdate',
    { ...service, input: { source: { image: 'x' } } },
    'destroy exec',
  ],
  [
    'no copies',
    'serviceInstanceUpdate',
    { ...service, input: { numReplicas: 0 } },
    'destroy outage',
  ],
  ['two copies', 'serviceInstanceUpdate', { ...service, input: { numReplicas: 2 } }, 'write'],
  [
    'by schedule',
    'serviceInstanceUpdate',
    { ...service, input: { cronSchedule: '* * * * *' } },
    'destroy outage',
  ],
  [
    'a health check',
    'serviceInstanceUpdate',
    { ...service, input: { healthcheckPath: '/up' } },
    'write',
  ],
  [
    'a trigger on another branch',
    'deploymentTriggerUpdate',
    { id: 'x', input: { branch: 'b' } },
    'destroy exec',
  ],
  [
    'a trigger that waits for checks',
    'deploymentTriggerUpdate',
    { id: 'x', input: { checkSuites: true } },
    'write',
  ],
  ['a source', 'serviceConnect', { id: 's', input: { repo: 'a/b' } }, 'destroy exec'],
  [
    'limits of nothing',
    'serviceInstanceLimitsUpdate',
    { input: { ...service, memoryGB: 0 } },
    'destroy outage',
  ],
  // projects and accounts
  ['a public project', 'projectUpdate', { id: 'p', input: { isPublic: true } }, 'expose'],
  ['a private project', 'projectUpdate', { id: 'p', input: { isPublic: false } }, 'write'],
  ['a new public project', 'projectCreate', { input: { isPublic: true } }, 'expose'],
  [
    'a copied environment',
    'environmentCreate',
    { input: { name: 'n', projectId: 'p', sourceEnvironmentId: 'e' } },
    'expose',
  ],
  ['an empty environment', 'environmentCreate', { input: { name: 'n', projectId: 'p' } }, 'write'],
  [
    'an admin more',
    'projectMemberUpdate',
    { input: { projectId: 'p', role: 'ADMIN', userId: 'u' } },
    'expose',
  ],
  [
    'an admin less',
    'projectMemberUpdate',
    { input: { projectId: 'p', role: 'VIEWER', userId: 'u' } },
    'destroy account',
  ],
  [
    'a hard limit',
    'usageLimitSet',
    { input: { customerId: 'c', softLimitDollars: 5, hardLimitDollars: 10 } },
    'destroy outage',
  ],
  [
    '2FA not asked',
    'workspaceTwoFactorEnforcementUpdate',
    { enabled: false, workspaceId: 'w' },
    'destroy guard',
  ],
  [
    'a rule on',
    'workspacePolicyItemUpdate',
    { workspaceId: 'w', policy: 'RESTRICT_PUBLIC_TCP_PROXIES', enabled: true },
    'write',
  ],
  [
    'a rule off inside the input',
    'workspacePolicyItemUpdate',
    {
      workspaceId: 'w',
      enabled: true,
      input: { enabled: false, policy: 'RESTRICT_PUBLIC_TCP_PROXIES' },
    },
    'destroy guard',
  ],
  [
    'renewal off',
    'railwayDomainUpdate',
    { input: { id: 'd', autoRenewEnabled: false } },
    'destroy name',
  ],
  [
    'alarms elsewhere',
    'notificationRuleUpdate',
    { id: 'n', input: { channelConfigs: [{ url: 'x' }] } },
    'expose',
  ],
  [
    'no alarms',
    'notificationRuleUpdate',
    { id: 'n', input: { channelConfigs: [] } },
    'destroy guard',
  ],
  [
    'a machine in the private network',
    'sandboxCreate',
    { input: { environmentId: 'e', networkIsolation: 'PRIVATE' } },
    'destroy exec',
  ],
  [
    'a machine of its own',
    'sandboxCreate',
    { input: { environmentId: 'e', networkIsolation: 'ISOLATED' } },
    'write',
  ],
  [
    'a template over a service',
    'templateDeployV2',
    { input: { serializedConfig: {}, templateId: 't', existingRootServiceId: 's' } },
    'destroy outage overwrite',
  ],
  [
    'a template with a port',
    'templateDeployV2',
    {
      input: {
        serializedConfig: { services: { a: { networking: { tcpProxies: { 5432: {} } } } } },
        templateId: 't',
      },
    },
    'expose',
  ],
  // change sets
  [
    'a deleted volume',
    'environmentApplyChangeSet',
    change({ kind: 'resource.delete', address: 'volume.data' }),
    'destroy backup data',
  ],
  [
    'a deleted database',
    'environmentApplyChangeSet',
    change({ kind: 'resource.delete', address: 'database.pg' }),
    'destroy backup container data name',
  ],
  [
    'a variable less',
    'environmentApplyChangeSet',
    change({ kind: 'variable.delete', address: 'service.a', variable: 'A' }),
    'destroy key',
  ],
  [
    'a variable more',
    'environmentApplyChangeSet',
    change({
      kind: 'variable.set',
      address: 'service.a',
      variable: 'A',
      after: { type: 'literal', value: 'x' },
    }),
    'write',
  ],
  [
    'a variable set to nothing',
    'environmentApplyChangeSet',
    change({ kind: 'variable.set', address: 'service.a', variable: 'A', after: null }),
    'destroy key',
  ],
  [
    'a domain more',
    'environmentApplyChangeSet',
    change({ kind: 'domain.create', address: 'service.a' }),
    'expose',
  ],
  [
    'a command',
    'environmentApplyChangeSet',
    change({
      kind: 'resource.update',
      address: 'service.a',
      field: 'deploy',
      after: { startCommand: 'x' },
    }),
    'destroy exec',
  ],
  [
    'a kind that is not known',
    'environmentApplyChangeSet',
    change({ kind: 'volume.wipe' }),
    'unread',
  ],
  [
    'no list of changes',
    'environmentApplyChangeSet',
    { environmentId: 'e', input: { services: {} } },
    'unread',
  ],
])('R05: %s', (_, name, args, expected) => expect(said(name, args)).toBe(expected))

test.each<[string, JsonObject, string]>([
  ['an empty patch', {}, 'write'],
  ['a volume deleted', { volumes: { v: { isDeleted: true } } }, 'destroy backup data'],
  ['a volume null', { volumes: { v: null } }, 'destroy backup data'],
  ['all volumes null', { volumes: null }, 'destroy backup data'],
  [
    'a volume called __proto__',
    { volumes: { ['__proto__']: { isDeleted: true } } },
    'destroy backup data',
  ],
  ['deleted as text', { volumes: { v: { isDeleted: 'true' } } }, 'unread'],
  ['not deleted', { volumes: { v: { isDeleted: false } } }, 'write'],
  ['a volume that is a text', { volumes: { v: 'x' } }, 'unread'],
  ['a bigger volume', { volumes: { v: { sizeMB: 9 } } }, 'write'],
  ['a volume elsewhere', { volumes: { v: { region: 'x' } } }, 'destroy outage'],
  ['a member that nobody knows', { volumes: { v: { wipe: true } } }, 'unread'],
  [
    'a member that nobody knows, beside a delete',
    { volumes: { v: { isDeleted: true, x: 1 } } },
    'unread backup data',
  ],
  ['a part that nobody knows', { databases: {} }, 'unread'],
  ['a list for a map', { services: [] }, 'unread'],
  ['a bucket deleted', { buckets: { b: { isDeleted: true } } }, 'destroy data'],
  ['a service deleted', { services: { s: { isDeleted: true } } }, 'destroy container data name'],
  ['a service null', { services: { s: null } }, 'destroy container data name'],
  ['a variable deleted', { services: { s: { variables: { A: null } } } }, 'destroy key'],
  ['a variable emptied', { services: { s: { variables: { A: { value: null } } } } }, 'destroy key'],
  ['a variable set', { services: { s: { variables: { A: { value: 'x' } } } } }, 'write'],
  ['a variable without a value', { services: { s: { variables: { A: {} } } } }, 'unread'],
  ['a shared variable deleted', { sharedVariables: { A: null } }, 'destroy key'],
  [
    'a domain given up',
    { services: { s: { networking: { customDomains: { 'a.example': null } } } } },
    'destroy name',
  ],
  [
    'a domain added',
    { services: { s: { networking: { customDomains: { 'a.example': {} } } } } },
    'write',
  ],
  [
    'a public domain',
    { services: { s: { networking: { serviceDomains: { 'a.up': { port: 1 } } } } } },
    'expose',
  ],
  ['a port opened', { services: { s: { networking: { tcpProxies: { 5432: {} } } } } }, 'expose'],
  [
    'a port closed',
    { services: { s: { networking: { tcpProxies: { 5432: null } } } } },
    'destroy name',
  ],
  ['all networking null', { services: { s: { networking: null } } }, 'destroy name'],
  ['a start command', { services: { s: { deploy: { startCommand: 'x' } } } }, 'destroy exec'],
  [
    'a start command on a "new" service',
    { services: { s: { isCreated: true, deploy: { startCommand: 'x' } } } },
    'destroy exec',
  ],
  [
    'a pre-deploy command',
    { services: { s: { deploy: { preDeployCommand: 'x' } } } },
    'destroy exec',
  ],
  ['another image', { services: { s: { source: { image: 'x' } } } }, 'destroy exec'],
  ['a build command', { services: { s: { build: { buildCommand: 'x' } } } }, 'write'],
  [
    'no copies in a region',
    { services: { s: { deploy: { multiRegionConfig: { r: null } } } } },
    'destroy outage',
  ],
  [
    'a volume taken away',
    { services: { s: { volumeMounts: { v: null } } } },
    'destroy guard outage',
  ],
  ['all mounts null', { services: { s: { volumeMounts: null } } }, 'destroy guard outage'],
  [
    'a deploy setting that nobody knows',
    { services: { s: { deploy: { wipeOnStart: true } } } },
    'unread',
  ],
  ['boxes on the canvas', { groups: { g: null } }, 'write'],
  ['no private network', { privateNetworkDisabled: true }, 'destroy outage'],
])('a patch with %s', (_, value, expected) => {
  expect(said('environmentPatchCommit', patch(value))).toBe(expected)
  expect(said('environmentStageChanges', { environmentId: 'e', input: value })).toBe(expected)
})

test.each<[string, JsonObject]>([
  ['a text', { environmentId: 'e', patch: '{"volumes":{}}' }],
  ['a list', { environmentId: 'e', patch: [] }],
  ['null', { environmentId: 'e', patch: null }],
  ['nothing', { environmentId: 'e' }],
])('a patch that is %s is unread', (_, args) =>
  expect(said('environmentPatchCommit', args)).toBe('unread'),
)

test('destroying and exposing at once is a destroy that names both', () => {
  const { effect, findings } = judge('generateShellToken', {
    input: { environmentId: 'e', instanceId: 'i', scope: 's' },
  })
  expect(effect).toBe('destroy')
  expect(findings.map(({ rule }) => rule)).toEqual(['generate-shell-token', 'shell-token-minted'])
})

test('what the arguments name is found, in arguments, in the input and in a patch', () => {
  const patched = judge('environmentPatchCommit', patch({ volumes: { v: { isDeleted: true } } }))
  expect(patched.names).toEqual([
    { target: 't', type: 'environment', id: 'e' },
    { target: 't', type: 'volume', id: 'v' },
  ])
  expect(patched.environments).toEqual(['e'])
  const restored = judge('volumeInstanceBackupRestore', {
    ...instance,
    volumeInstanceBackupId: 'b',
    wipeServiceIds: ['s'],
  })
  expect(restored.names.map(({ type, id }) => `${type}/${id}`).toSorted()).toEqual([
    'backup/b',
    'service/s',
    'volumeInstance/i',
  ])
  const owner = { environmentId: 'e', projectId: 'p', serviceId: 's' }
  const upsert = judge('variableUpsert', { input: { ...owner, name: 'A', value: 'x' } })
  expect(upsert.environments).toEqual(['e'])
  expect(judge('environmentDelete', { id: 'e' }).environments).toEqual(['e'])
  expect(judge('customDomainDelete', { id: 'd' }).names).toEqual([
    { target: 't', type: 'customDomain', id: 'd' },
  ])
})

test('a volume delete says what to do instead', () => {
  const { alternatives } = judge('volumeDelete', { volumeId: 'v' })
  expect(alternatives.join('; ')).toMatch(/preflight.*detach.*backup/)
})

const secret = 'hunter2-3f9a'
test.each<[string, JsonObject]>([
  ['variableUpsert', { input: { ...set, name: 'A', value: secret } }],
  ['variableCollectionUpsert', { input: { ...set, variables: { A: secret } } }],
  [
    'serviceCreate',
    {
      input: {
        projectId: 'p',
        registryCredentials: { username: 'u', password: secret },
        variables: { A: secret },
      },
    },
  ],
  ['environmentPatchCommit', patch({ services: { s: { variables: { A: { value: secret } } } } })],
  ['environmentPatchCommit', patch({ sharedVariables: { A: { value: secret } } })],
  [
    'environmentApplyChangeSet',
    change({
      kind: 'variable.set',
      before: { value: secret },
      after: { value: secret },
      details: [secret],
      summary: secret,
    }),
  ],
  ['dockerComposeImport', { environmentId: 'e', projectId: 'p', yaml: `PASSWORD: ${secret}` }],
  ['integrationCreate', { input: { projectId: 'p', name: 'n', config: { apiKey: secret } } }],
  [
    'notificationRuleCreate',
    { input: { channelConfigs: [{ url: secret }], eventTypes: ['x'], workspaceId: 'w' } },
  ],
  ['twoFactorInfoCreate', { input: { token: secret } }],
  ['loginSessionAuth', { input: { code: secret } }],
  ['emailChangeConfirm', { nonce: secret }],
  [
    'templateDeployV2',
    {
      input: {
        templateId: 't',
        serializedConfig: { services: { s: { variables: { A: { defaultValue: secret } } } } },
      },
    },
  ],
])('secret-stays: %s does not show its secret', (name, args) => {
  const { shown, findings, alternatives, parameters } = judge(name, args)
  expect(JSON.stringify([shown, findings, alternatives])).not.toContain(secret)
  expect(JSON.stringify(parameters)).toContain(secret)
})

test('what is removed stays visible behind the mask', () => {
  const value = { services: { s: { variables: { A: null } } } }
  expect(judge('environmentPatchCommit', patch(value)).shown).toEqual(patch(value))
})

const field = (name: string, selects: Selection = [], args: JsonObject = {}) =>
  ({ name, on: null, arguments: args, selects }) as const
const node = (...selects: Selection) => [field('edges', [field('node', selects)])]
test.each<[string, RootField['operation'], string, JsonObject, Selection, string]>([
  [
    'the configuration, decrypted',
    'query',
    'environment',
    { id: 'e' },
    [field('config', [], { decryptVariables: true })],
    'expose',
  ],
  ['the configuration as it lies', 'query', 'environment', { id: 'e' }, [field('config')], 'read'],
  [
    'the configuration, not decrypted',
    'query',
    'environment',
    { id: 'e' },
    [field('config', [], { decryptVariables: false })],
    'read',
  ],
  [
    'decrypted far below',
    'query',
    'me',
    {},
    [
      field(
        'projects',
        node(field('environments', node(field('config', [], { decryptVariables: true })))),
      ),
    ],
    'expose',
  ],
  [
    'decrypted through a union',
    'query',
    'projectInvitation',
    { code: 'c' },
    [
      {
        ...field('project', [
          field('baseEnvironment', [field('config', [], { decryptVariables: true })]),
        ]),
        on: 'InviteCode',
      },
    ],
    'expose',
  ],
  [
    'staged changes, decrypted',
    'query',
    'environmentStagedChanges',
    { environmentId: 'e' },
    [field('patch', [], { decryptVariables: true })],
    'expose',
  ],
  [
    'the variables of a deployment',
    'query',
    'deploymentSnapshot',
    { deploymentId: 'd' },
    [field('variables')],
    'expose',
  ],
  [
    'names of variables',
    'query',
    'environment',
    { id: 'e' },
    [field('variables', node(field('name')))],
    'read',
  ],
  ['tokens by name', 'query', 'apiTokens', {}, node(field('name')), 'read'],
  ['tokens as shown', 'query', 'apiTokens', {}, node(field('displayToken')), 'expose'],
  [
    'integrations with configuration',
    'query',
    'integrations',
    { projectId: 'p' },
    node(field('config')),
    'expose',
  ],
  [
    'a field called deleted (R24)',
    'query',
    'project',
    { id: 'p' },
    [field('deletedAt'), field('volumeDelete')],
    'read',
  ],
  [
    'a rename that asks for secrets',
    'mutation',
    'serviceUpdate',
    { id: 's', input: { name: 'n' } },
    [
      field('project', [
        field('baseEnvironment', [field('config', [], { decryptVariables: true })]),
      ]),
    ],
    'expose',
  ],
  ['a query that does not exist', 'query', 'secrets', {}, [], 'unread'],
  ['constructor', 'query', 'constructor', {}, [], 'unread'],
  ['__proto__', 'mutation', '__proto__', {}, [], 'unread'],
  ['toString', 'subscription', 'toString', {}, [], 'unread'],
  ['a query sent as a mutation', 'mutation', 'project', { id: 'p' }, [], 'unread'],
  ['an unknown argument', 'query', 'project', { id: 'p', raw: true }, [], 'unread'],
])('%s', (...[, operation, name, args, selects, expected]) =>
  expect(railway.judge('t', { operation, name, arguments: args, selects }).effect).toBe(expected),
)

test('whatever is asked, the judge answers, and what it shows can be written down', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('query', 'mutation', 'subscription'),
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          'environmentPatchCommit',
          'environmentApplyChangeSet',
          'volumeInstanceUpdate',
        ),
      ),
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('environmentId', 'patch', 'input', 'volumeId')),
        fc.jsonValue(),
      ),
      (operation, name, args) => {
        const parameters = Object.fromEntries(
          Object.entries(args).map(([key, value]) => [key, toJson(value)]),
        )
        const judged = railway.judge('t', { operation, name, arguments: parameters, selects: [] })
        expect(effects).toContain(judged.effect)
        expect(judged.parameters).toBe(parameters)
        expect(() => JSON.stringify(judged)).not.toThrow()
        for (const { message } of judged.findings) expect(message).not.toMatch(/\n/)
      },
    ),
  ))

test('a patch that deletes somewhere is never a write, however it is wrapped', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('volumes', 'services', 'buckets'),
      fc.string(),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (map, id, beside, around) => {
        const value = { ...around, [map]: { [id]: { ...beside, isDeleted: true } } }
        const judged = judge('environmentPatchCommit', { environmentId: 'e', patch: toJson(value) })
        expect(['destroy', 'unread']).toContain(judged.effect)
        expect(judged.kinds).toContain('data')
      },
    ),
  ))

test('the platform is known by its name', () => {
  expect(platformNamed('railway')).toBe(railway)
  expect(platformNamed('constructor')).toBeNull()
})
