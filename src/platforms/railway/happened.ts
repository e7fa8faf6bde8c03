/** After a crash: whether an operation has happened, by reads only. Whoever is not sure says `unknown`. */
import type { Operation } from '../../core/operation.ts'
import type { AskGraphql } from '../platform.ts'
import { text } from './row.ts'
import { World } from './world.ts'

type Happened = 'yes' | 'no' | 'unknown'

/** `yes` where the thing is gone after every list was seen, `no` where it is still there. Never throws. */
export async function hasHappened(
  target: string,
  operation: Operation,
  ask: AskGraphql,
): Promise<Happened> {
  try {
    return await look(new World(target, ask), operation)
  } catch {
    // A platform that does not answer leaves it open: the next look may tell.
    return 'unknown'
  }
}

async function look(world: World, { name, parameters: args }: Operation): Promise<Happened> {
  const id = text(args['id'])
  switch (name) {
    case 'volumeDelete':
      return await volumeGone(world, text(args['volumeId']))
    case 'volumeInstanceBackupDelete': {
      const backups = await world.backups(text(args['volumeInstanceId']))
      const gone = backups.every((backup) => backup.id !== args['volumeInstanceBackupId'])
      return gone ? 'yes' : 'no'
    }
    case 'environmentDelete':
      return await gone(world, async (project) => has(await world.environments(project), id))
    case 'serviceDelete':
      if (typeof args['environmentId'] === 'string') return 'unknown'
      return await gone(world, async (project) => has(await world.services(project), id))
    case 'projectDelete':
    case 'projectScheduleDeleteForce':
      return await gone(world, async (project) => project === id)
    default:
      return 'unknown'
  }
}

/** An instance that the platform has marked for deletion is gone. */
async function volumeGone(world: World, volumeId: string): Promise<Happened> {
  for await (const project of world.projects()) {
    const instances = await world.volumeIn(project, volumeId)
    if (instances === null) continue
    const marked = instances.filter(({ isPendingDeletion }) => isPendingDeletion)
    if (marked.length === 0) return 'no'
    return marked.length === instances.length ? 'yes' : 'unknown'
  }
  return world.sawAll ? 'yes' : 'unknown'
}

async function gone(
  world: World,
  holds: (projectId: string) => Promise<boolean>,
): Promise<Happened> {
  for await (const project of world.projects()) if (await holds(project)) return 'no'
  return world.sawAll ? 'yes' : 'unknown'
}

function has(things: readonly { readonly id: string }[], id: string): boolean {
  return things.some((thing) => thing.id === id)
}
