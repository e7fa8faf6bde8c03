/**
 * What a login of a Kubernetes cluster can do: the cluster reviews its own rules for who asks, and keeps nothing of it
 * (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/).
 */
import { objectOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Ask, Heard } from './ask.ts'
import { objectsOf, refusal, toldOf } from './provider.ts'
import type { Does, Power, Reach, Thing } from './reach.ts'
import { familyOf } from './rest.ts'

export interface Cluster {
  /** Host, and port where it is another than 443. */
  readonly host: string
  /** What stands before each path; empty for most. */
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  readonly namespace: string
}

/** Kinds that hold data, or hold what holds it. */
const keeps: readonly string[] = [
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'statefulsets',
  'volumesnapshots',
  'secrets',
]

export async function clusterReach(cluster: Cluster, ask: Ask): Promise<Reach> {
  const { host, namespace } = cluster
  const every = { namespace: '', verb: '*', group: '*', resource: '*' }
  const admin = await review(cluster, ask, 'selfsubjectaccessreviews', {
    resourceAttributes: every,
  })
  if (admin.status !== 200 && admin.status !== 201) return refusal(admin, host)
  const isAdmin = statusOf(admin)['allowed'] === true
  const rules = await review(cluster, ask, 'selfsubjectrulesreviews', { namespace })
  const said = statusOf(rules)
  const isWhole = rules.status === 201 || rules.status === 200
  const may = objectsOf(said['resourceRules'])
  const things = keeps.map((kind) => familyOf('all', 'data', kind))
  return toldOf(`kubernetes ${host}`, isAdmin ? 'an administrator' : `namespace ${namespace}`, {
    isBlanket: isAdmin,
    things: isAdmin ? things : things.filter((thing) => may.some((rule) => deletes(rule, thing))),
    powers: isAdmin ? everything : powersOf(may, things),
    unknown: [
      ...(isWhole ? [] : ['its rules in the namespace']),
      ...(said['incomplete'] === true && !isAdmin ? ['all its rules: the cluster says so'] : []),
      ...(isAdmin ? [] : ['its rights in other namespaces']),
    ],
  })
}

async function review(
  { host, prefix, headers }: Cluster,
  ask: Ask,
  kind: 'selfsubjectaccessreviews' | 'selfsubjectrulesreviews',
  spec: JsonObject,
): Promise<Heard> {
  const name =
    kind === 'selfsubjectaccessreviews' ? 'SelfSubjectAccessReview' : 'SelfSubjectRulesReview'
  return await ask({
    host,
    path: `${prefix}/apis/authorization.k8s.io/v1/${kind}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: name, spec }),
  })
}

const statusOf = ({ body }: Heard): JsonObject => objectOf(objectOf(body)['status'])

const everything: readonly Power[] = [
  { operation: 'delete anything', does: 'destroys', on: 'all' },
  { operation: 'create tokens', does: 'mints', on: [] },
  { operation: 'get anything', does: 'reads', on: 'all' },
]

const has = (value: Json | undefined, ...words: readonly string[]): boolean =>
  Array.isArray(value) && value.some((each) => typeof each === 'string' && words.includes(each))

/** A rule for named objects alone still loses those. */
const deletes = (rule: JsonObject, thing: Thing): boolean =>
  has(rule['verbs'], '*', 'delete', 'deletecollection') && has(rule['resources'], '*', thing.name)

function powersOf(rules: readonly JsonObject[], things: readonly Thing[]): readonly Power[] {
  const power = (operation: string, does: Does, on: Power['on']): Power => ({ operation, does, on })
  const gone = things.filter((thing) => rules.some((rule) => deletes(rule, thing)))
  const may = (verbs: readonly string[], resource: string): boolean =>
    rules.some((rule) => has(rule['verbs'], '*', ...verbs) && has(rule['resources'], '*', resource))
  return [
    ...gone.map(({ id, name }) => power(`delete ${name}`, 'destroys', [id])),
    ...(may(['create'], 'pods/exec')
      ? [power('run commands beside the data', 'destroys', 'all')]
      : []),
    ...(may(['create'], 'serviceaccounts/token') ? [power('create tokens', 'mints', [])] : []),
    ...(may(['create', 'update', 'patch'], 'deployments') ? [power('deploy', 'changes', [])] : []),
    power('get', 'reads', []),
  ]
}
