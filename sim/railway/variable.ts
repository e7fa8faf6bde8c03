/** Variables by owner: a service in an environment, or all services of the environment. */
import { isoNow, type Ground } from './ground.ts'
import type { VariableRow } from './rows.ts'

export interface Owner {
  readonly projectId: string
  readonly environmentId: string
  readonly serviceId: string | null
}

export function variablesOf({ world }: Ground, owner: Owner): readonly VariableRow[] {
  return world.variables.where(
    ({ environmentId, serviceId }) =>
      environmentId === owner.environmentId && serviceId === owner.serviceId,
  )
}

/** Sets the value; an older one is gone for good. */
export function putVariable(ground: Ground, owner: Owner, name: string, value: string): void {
  const before = variablesOf(ground, owner).find((row) => row.name === name)
  const now = isoNow(ground)
  ground.world.variables.put({
    id: before?.id ?? ground.newId('variable'),
    createdAt: before?.createdAt ?? now,
    ...owner,
    name,
    value,
    updatedAt: now,
  })
}

export function dropVariable(ground: Ground, owner: Owner, name: string): void {
  for (const row of variablesOf(ground, owner))
    if (row.name === name) ground.world.variables.remove(row.id)
}
