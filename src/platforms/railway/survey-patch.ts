/** Patches of an environment: what they name is looked up, and staged changes are read and judged as if they were in the call. */
import { toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import { worstEffect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { objectAt } from './answers.ts'
import { judgeField, judgedAgain } from './judge.ts'
import { shownOf } from './mask.ts'
import { patchReasons } from './patch.ts'
import { questions } from './questions.ts'
import { joined, thingResource, touching, withBackups, withRadius } from './radius.ts'
import { member, text } from './row.ts'
import type { Found } from './radius.ts'
import type { World } from './world.ts'

/** The radius of a patch; null for any other operation. */
export function surveyPatch(world: World, operation: Operation): Promise<Found> | null {
  switch (operation.name) {
    case 'environmentPatchCommit':
    case 'environmentStageChanges':
    case 'environmentApplyChangeSet':
      return withRadius(operation, named(world, operation))
    case 'environmentPatchCommitStaged':
      return staged(world, operation)
    default:
      return null
  }
}

async function staged(world: World, operation: Operation): Promise<Found> {
  const exact = await withStaged(world, operation)
  return { operation: exact, radius: await named(world, exact) }
}

/** INVARIANT (staged is bound): the staged patch becomes a parameter, so an approval covers these changes and no others. */
async function withStaged(world: World, operation: Operation): Promise<Operation> {
  const environmentId = text(operation.parameters['environmentId'])
  const answer = await world.ask(questions.staged, { environmentId })
  const patch = toJson(member(objectAt(answer, 'environmentStagedChanges'), 'patch') ?? null)
  return stagedAs(world.target, operation, patch)
}

function stagedAs(target: string, operation: Operation, patch: Json): Operation {
  const judged = judgeField(target, {
    operation: 'mutation',
    name: 'environmentPatchCommit',
    arguments: { environmentId: operation.parameters['environmentId'] ?? '', patch },
    selects: [],
  })
  const reasons = patchReasons(patch)
  const parameters = { ...operation.parameters, staged: patch }
  const plain: Operation = {
    ...operation,
    effect: 'write',
    kinds: [],
    findings: [],
    alternatives: [],
  }
  const again = judgedAgain(plain, reasons)
  const odd = operation.findings.filter(({ rule }) => rule === 'unknown-shape')
  return {
    ...again,
    // What was odd in the call itself stays odd, however harmless the staged changes are.
    effect: worstEffect(['write', judged.effect, ...odd.map(() => 'unread' as const)]),
    findings: [...odd, ...again.findings],
    parameters,
    shown: shownOf(parameters),
    names: judged.names,
  }
}

/** What a patch deletes: the volumes it names in this environment, services with what is mounted to them, buckets. */
async function named(world: World, operation: Operation): Promise<BlastRadius> {
  const { names, environments, parameters } = operation
  const loses = operation.kinds.some((kind) => kind === 'data' || kind === 'container')
  if (!loses) return touching(environments)
  if (operation.name === 'environmentApplyChangeSet') return unnamed(environments)
  const patch = parameters['patch'] ?? parameters['input'] ?? parameters['staged'] ?? null
  if (isWholesale(patch)) return unnamed(environments)
  const id = environments[0] ?? ''
  const { projectId } = await world.environment(id)
  const of = (type: string): ReadonlySet<string> =>
    new Set(
      names
        .filter((name) => name.type === type && deletes(patch, type, name.id))
        .map((name) => name.id),
    )
  const [volumes, services, buckets] = [of('volume'), of('service'), of('bucket')]
  const instances = (await world.instances(projectId)).filter(
    (one) =>
      one.environmentId === id &&
      (volumes.has(one.volumeId) || (one.serviceId !== null && services.has(one.serviceId))),
  )
  const things = [
    ...(await world.services(projectId))
      .filter((one) => services.has(one.id))
      .map((one) => thingResource(world.target, 'service', one, id)),
    ...(buckets.size === 0 ? [] : await world.buckets(projectId))
      .filter((one) => buckets.has(one.id))
      .map((one) => thingResource(world.target, 'bucket', one, id)),
  ]
  const found = new Set([
    ...instances.flatMap(({ volumeId }) => [`volume/${volumeId}`]),
    ...things.map(({ type, id: thing }) => `${type}/${thing}`),
  ])
  for (const name of names)
    if (deletes(patch, name.type, name.id) && !found.has(`${name.type}/${name.id}`))
      throw world.notFound(name.type)
  const radius = await withBackups(world, instances)
  return joined([
    touching(environments),
    { ...radius, resources: [...things, ...radius.resources] },
  ])
}

/** A map that is null takes all of a kind away, named by nobody. */
function isWholesale(patch: Json): boolean {
  return ['services', 'volumes', 'buckets'].some((key) => member(patch, key) === null)
}

function deletes(patch: Json, type: string, id: string): boolean {
  const thing = member(member(patch, `${type}s`), id)
  return thing === null || member(thing, 'isDeleted') === true
}

/** Something goes that is only named by its address in a change set: it counts as anything. */
function unnamed(environments: readonly string[]): BlastRadius {
  return {
    ...touching(environments),
    known: false,
    unknown: ['the change names what it deletes in a way that cannot be looked up'],
  }
}
