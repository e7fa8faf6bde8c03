import { readFileSync } from 'node:fs'
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql'
import type { GraphQLArgument, GraphQLInputField, GraphQLInputType } from 'graphql'
import { expect, test } from 'vitest'
import { shapesOf } from '../scripts/railway-shapes.ts'
import { toJson } from '../src/base/json.ts'
import type { JsonObject } from '../src/base/json.ts'
import { railway } from '../src/platforms/railway.ts'
import { enumShapes } from '../src/platforms/railway/enum-shapes.ts'
import { inputShapes } from '../src/platforms/railway/input-shapes.ts'
import { families } from '../src/platforms/railway/judge.ts'
import { mutationShapes } from '../src/platforms/railway/mutation-shapes.ts'
import { exposedQueries } from '../src/platforms/railway/query-rows.ts'
import { queryShapes } from '../src/platforms/railway/query-shapes.ts'
import { secretPaths } from '../src/platforms/railway/secret-paths.ts'
import { secretFields } from '../src/platforms/railway/secrets.ts'
import { subscriptionShapes } from '../src/platforms/railway/subscription-shapes.ts'

const text = readFileSync(new URL('data/railway-schema.graphql', import.meta.url), 'utf8')
const schema = buildSchema(text)
const fields = (name: 'Mutation' | 'Query' | 'Subscription') => {
  const types = {
    Mutation: schema.getMutationType(),
    Query: schema.getQueryType(),
    Subscription: schema.getSubscriptionType(),
  }
  return Object.values(types[name]?.getFields() ?? {})
}
const mutations = fields('Mutation')

/** The hand-written table: mutation to effect and kinds. */
const golden = new Map(
  readFileSync(new URL('data/railway-effects.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [head = '', names = ''] = line.split(': ')
      const [effect = '', kinds = ''] = head.split(' ')
      const row = { effect, kinds: kinds === '' ? [] : kinds.split(',').toSorted() }
      return names.split(' ').map((name) => [name, row] as const)
    }),
)

/** A plain value of a type: required members only, lists of one. */
function plain(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return [plain(nullable.ofType)]
  const named = getNamedType(nullable)
  if (isEnumType(named)) return named.getValues()[0]?.name
  if (isInputObjectType(named)) return required(Object.values(named.getFields()))
  if (named.name === 'Boolean') return true
  if (named.name === 'Int' || named.name === 'Float') return 1
  const isText = ['String', 'ID', 'DateTime', 'BigInt'].includes(named.name)
  return isText ? 'x' : {}
}

function required(inputs: readonly (GraphQLArgument | GraphQLInputField)[]): JsonObject {
  const entries = inputs
    .filter(({ type }) => isNonNullType(type))
    .map(({ name, type }) => [name, toJson(plain(type))] as const)
  return Object.fromEntries(entries)
}

const judge = (name: string, args: JsonObject) =>
  railway.judge('t', { operation: 'mutation', name, arguments: args, selects: [] })

test('the schema has 230 mutations, and the hand-written table has each once', () => {
  expect(mutations).toHaveLength(230)
  expect([...golden.keys()].toSorted()).toEqual(mutations.map(({ name }) => name).toSorted())
})

test('every mutation has one row with a reason, in one family, and no row is left over', () => {
  const rows = families.flatMap((family) => Object.entries(family))
  expect(rows.map(([name]) => name).toSorted()).toEqual(
    mutations.map(({ name }) => name).toSorted(),
  )
  for (const [name, row] of rows) {
    expect(row.why.length, name).toBeGreaterThan(10)
    expect(row.why, name).not.toMatch(/[.\n]$/)
    expect((row.kinds ?? []).length > 0, name).toBe(row.effect === 'destroy')
  }
})

test.each(mutations.map((field) => [field.name, field] as const))(
  '%s does what the table says',
  (name, field) => {
    const judged = judge(name, required(field.args))
    expect({ effect: judged.effect, kinds: judged.kinds.toSorted() }).toEqual(golden.get(name))
    const grave = judged.effect !== 'read' && judged.effect !== 'write'
    expect(judged.findings.length > 0).toBe(grave)
    for (const { rule, message } of judged.findings) {
      expect(rule).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      expect(message).toMatch(new RegExp(`^\`${name}\` [^\\n]+[^.\\n]$`))
    }
  },
)

test.each(mutations.map((field) => [field.name, field] as const))(
  'unread-is-held: %s with an argument that the schema does not have is unread',
  (name, field) => {
    const args = required(field.args)
    expect(judge(name, { ...args, force: true }).effect).toBe('unread')
    for (const arg of field.args.filter(({ type }) => isNonNullType(type))) {
      const { [arg.name]: _, ...without } = args
      expect(judge(name, without).effect, `${name} without ${arg.name}`).toBe('unread')
      expect(judge(name, { ...args, [arg.name]: null }).effect).toBe('unread')
    }
  },
)

test('every query is a read or a known secret, and no secret query is left over', () => {
  const queries = fields('Query')
  expect(
    Object.keys(exposedQueries).filter((name) => !queries.some((q) => q.name === name)),
  ).toEqual([])
  for (const { name, args } of queries) {
    const judged = railway.judge('t', {
      operation: 'query',
      name,
      arguments: required(args),
      selects: [],
    })
    expect(judged.effect, name).toBe(Object.hasOwn(exposedQueries, name) ? 'expose' : 'read')
  }
})

test('every subscription only tells', () => {
  for (const { name, args } of fields('Subscription')) {
    const field = {
      operation: 'subscription',
      name,
      arguments: required(args),
      selects: [],
    } as const
    expect(railway.judge('t', field).effect, name).toBe('read')
  }
})

test('the shapes are those of the schema: run `node scripts/railway-shapes.ts` after a change', () => {
  expect(shapesOf(text)).toEqual({
    mutations: mutationShapes,
    queries: queryShapes,
    subscriptions: subscriptionShapes,
    inputs: inputShapes,
    enums: enumShapes,
    paths: secretPaths,
  })
})

test('every secret field is one of the schema', () => {
  for (const path of Object.keys(secretFields)) {
    const [type = '', field = ''] = path.split('.')
    const found = schema.getType(type)
    expect(found !== undefined && 'getFields' in found && field in found.getFields(), path).toBe(
      true,
    )
  }
})

/** Words that a field which gives a secret away would have in its name; each hit was looked at and is one or the other. */
const innocent: readonly string[] = [
  'CustomDomainStatus.verificationToken', // stands in public DNS
  'TrustedDomainVerificationData.token', // stands in public DNS
  'InviteCode.code', // the asker has named it, or the root field is exposed
  'ReferralInfo.code', // made to be shared
  'ReferralUser.code', // made to be shared
  'SimilarTemplate.code', // the public name of a template
  'Template.code', // the public name of a template
  'TemplateSearchResult.code', // the public name of a template
  'EdgeRuleDiagnostic.code', // the code of an error
  'TwoFactorInfo.hasRecoveryCodes', // yes or no
  'Service.hasHiddenRegistryCredentialsFromTemplate', // yes or no
  'Passkey.credentialId', // public by design
  'Environment.variables', // names only
  'Plugin.variables', // names only
  'AdoptionInfo.numVariables', // a count
  'CustomerAddress.postalCode',
  'Team.apiTokenRateLimit', // a count
  'User.apiTokenRateLimit', // a count
  'Workspace.apiTokenRateLimit', // a count
  'SshPublicKey.publicKey', // public by design
  'Query.apiToken',
  'Query.apiTokens',
  'Query.projectToken',
  'Query.projectTokens',
  'Query.sshPublicKeys',
  'Query.inviteCode', // the asker has named it
  'Query.workspaceByCode',
]

test('hunt: no field whose name sounds like a secret is forgotten', () => {
  const sounds = /token|secret|password|credential|code(s)?$|^variables|privateKey|publicKey/i
  const hits = Object.values(schema.getTypeMap()).flatMap((type) =>
    'getFields' in type &&
    !isInputObjectType(type) &&
    !type.name.startsWith('__') &&
    type.name !== 'Mutation'
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  )
  const open = hits
    .filter((path) => sounds.test(path.split('.')[1] ?? ''))
    .filter((path) => !/statusCode$|exitCode$|rcode$/i.test(path))
    .filter((path) => !Object.hasOwn(secretFields, path) && !innocent.includes(path))
    .filter((path) => !(path.startsWith('Query.') && Object.hasOwn(exposedQueries, path.slice(6))))
  expect(open).toEqual([])
})

/** Fields whose value the schema does not describe; each was thought about, and these tell no secret on purpose. */
const opaque: readonly string[] = [
  'AuditLog.context AuditLog.payload Event.activityPayload Event.payload NotificationInstance.payload',
  'CanvasViewMergePreview.mutations CanvasViewMergePreview.state Environment.canvasGroupRefs Template.canvasConfig',
  'ChangeSetApplyResult.diagnostics ChangeSetPreview.changeSet ChangeSetPreview.diagnostics ChangeSetPreview.effects',
  'Deployment.diagnosis Deployment.meta DeploymentInstanceExecution.deploymentMeta EnvironmentMeta.skippedResourceIds',
  'DockerComposeImport.patch', // what the asker sent, and the field that answers it is unread
  'EdgeConfig.edgeRules EdgeConfig.overrides EdgeConfig.purgeEpochByKind ObservabilityDashboardItemInstance.displayConfig',
  'ExternalWorkspace.subscriptionPlanLimit PlanLimitOverride.config Project.subscriptionPlanLimit',
  'Workspace.subscriptionPlanLimit SpendCommitment.features Query.serviceInstanceLimitOverride Query.serviceInstanceLimits',
  'ServiceInstance.nixpacksPlan ServiceInstance.preDeployCommand ServiceInstance.railpackInfo',
  'Signal.default Signal.rules SignalChange.payload SignalChange.prevState SignalEvaluation.trace SignalEvaluation.value',
  'Template.config Template.metadata Template.serializedConfig Template.supportHealthMetrics TemplateService.config',
].flatMap((line) => line.split(' '))

test('hunt: no opaque answer was left out of sight', () => {
  const described = ['String', 'ID', 'Int', 'Float', 'Boolean', 'DateTime', 'BigInt']
  const found = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => !type.name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isScalarType(getNamedType(field.type)))
        .filter((field) => !described.includes(getNamedType(field.type).name))
        .map((field) => `${type.name}.${field.name}`),
    )
  const exposed = Object.keys(exposedQueries).map((name) => `Query.${name}`)
  const known = [...opaque, ...Object.keys(secretFields), ...exposed]
  expect(found.filter((path) => !known.includes(path))).toEqual([])
  expect(opaque.filter((path) => !found.includes(path))).toEqual([])
})
