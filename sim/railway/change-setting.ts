/** Mutations of variables and domains. */
import { reachAnything, reachEnvironment } from './access.ts'
import { bag, maybeFlag, maybeNumber, maybeText, text, type Args } from './args.ts'
import { isoNow, placeOf, problem, type Change, type Context, type Mutate } from './ground.ts'
import type { DomainRow } from './rows.ts'
import { dropVariable, putVariable, variablesOf, type Owner } from './variable.ts'

export const settingChanges: Readonly<Record<string, Mutate>> = {
  variableUpsert: (args, context) => {
    const input = bag(args, 'input')
    return forOwner(context, input, (owner) =>
      putVariable(context.ground, owner, text(input, 'name'), text(input, 'value')),
    )
  },
  variableDelete: (args, context) => {
    const input = bag(args, 'input')
    return forOwner(context, input, (owner) =>
      dropVariable(context.ground, owner, text(input, 'name')),
    )
  },
  variableCollectionUpsert: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const wanted = Object.entries(bag(input, 'variables'))
    return forOwner(context, input, (owner) => {
      if (maybeFlag(input, 'replace') === true)
        for (const { id } of variablesOf(ground, owner)) ground.world.variables.remove(id)
      for (const [name, value] of wanted) putVariable(ground, owner, name, String(value))
    })
  },
  customDomainCreate: (args, context) => {
    const input = bag(args, 'input')
    return domainCreated(context, 'custom', text(input, 'domain').toLowerCase(), input)
  },
  customDomainUpdate: (args, context) => {
    const { ground } = context
    const before = reachDomain(args, context, 'custom')
    const targetPort = maybeNumber(args, 'targetPort')
    ground.world.domains.put({ ...before, targetPort, updatedAt: isoNow(ground) })
    return { value: true, place: placeOf(ground, before.projectId, before.environmentId) }
  },
  customDomainDelete: domainDeleted('custom'),
  serviceDomainCreate: (args, context) => {
    const input = bag(args, 'input')
    const service = context.ground.world.services.get(text(input, 'serviceId'))
    const label = `${service?.name ?? 'service'}-${context.ground.newId('domain').slice(0, 6)}`
    return domainCreated(context, 'service', `${label}.up.rehearsal.example`, input)
  },
  serviceDomainDelete: domainDeleted('service'),
}

function forOwner(context: Context, input: Args, change: (owner: Owner) => void): Change {
  const environment = reachEnvironment(context, text(input, 'environmentId'))
  const owner = {
    projectId: environment.projectId,
    environmentId: environment.id,
    serviceId: maybeText(input, 'serviceId'),
  }
  change(owner)
  return { value: true, place: placeOf(context.ground, owner.projectId, owner.environmentId) }
}

function domainCreated(
  context: Context,
  kind: DomainRow['kind'],
  domain: string,
  input: Args,
): Change {
  const { ground } = context
  const environment = reachEnvironment(context, text(input, 'environmentId'))
  const serviceId = text(input, 'serviceId')
  if (ground.world.services.get(serviceId)?.projectId !== environment.projectId)
    throw problem('Service not found', 'NOT_FOUND')
  if (!/^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)) throw problem('Invalid domain')
  if (ground.world.domains.where((row) => row.domain === domain).length > 0)
    throw problem('Domain is not available')
  const now = isoNow(ground)
  const value = ground.world.domains.put({
    id: ground.newId('domain'),
    createdAt: now,
    updatedAt: now,
    kind,
    domain,
    projectId: environment.projectId,
    environmentId: environment.id,
    serviceId,
    targetPort: maybeNumber(input, 'targetPort'),
  })
  return { value, place: placeOf(ground, environment.projectId, environment.id) }
}

function domainDeleted(kind: DomainRow['kind']): Mutate {
  return (args, context) => {
    const { id, projectId, environmentId } = reachDomain(args, context, kind)
    context.ground.world.domains.remove(id)
    return { value: true, place: placeOf(context.ground, projectId, environmentId) }
  }
}

function reachDomain(args: Args, context: Context, kind: DomainRow['kind']): DomainRow {
  reachAnything(context)
  const domain = context.ground.world.domains.get(text(args, 'id'))
  if (domain?.kind !== kind) throw problem('Domain not found', 'NOT_FOUND')
  reachEnvironment(context, domain.environmentId)
  return domain
}
