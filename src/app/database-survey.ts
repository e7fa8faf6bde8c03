/** What would go by SQL: its losses read from the text, and asked of the server. */
import { united } from '../base/distinct.ts'
import { noRadius } from '../core/blast-radius.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource } from '../core/resource.ts'
import type { SqlStatement } from '../classify/sql/statement.ts'
import type { Catalogs } from '../inventory/postgres/catalogs.ts'
import type { Surveyed } from '../platforms/platform.ts'
import type { SqlCatalog } from '../platforms/postgres/catalog.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import { radiusOf } from '../platforms/postgres/radius.ts'

export interface SurveyHouse {
  readonly target: string
  readonly database: string
  /** Ids of every environment that lives in the database. */
  readonly environments: readonly string[]
  readonly catalogs: Catalogs
  /** The statements of an operation, read once more. */
  readonly statements: (operation: Operation) => readonly SqlStatement[]
  /** Our own session by itself. */
  readonly alone: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>
}

const countMs = 2000

export type Survey = (operations: readonly Operation[]) => Surveyed | Promise<Surveyed>

/** At once where nothing is lost: a write is known by its text, and its rows are counted when it runs. */
export function openSurvey(house: SurveyHouse): Survey {
  const { environments } = house
  return (operations) => {
    const placed = operations.map((operation) =>
      operation.effect === 'read' ? operation : { ...operation, environments },
    )
    const losing = placed.filter(({ effect }) => effect === 'destroy')
    const touches = placed.some(({ effect }) => effect !== 'read')
    const radius = touches ? { ...noRadius, environments } : noRadius
    if (losing.length === 0) return { operations: placed, radius }
    return surveyed(house, losing).then((found) => ({ operations: placed, radius: found }))
  }
}

async function surveyed(house: SurveyHouse, losing: readonly Operation[]): Promise<BlastRadius> {
  await house.catalogs.look()
  const catalog = house.catalogs.current()
  if (catalog === null) throw new Error('the catalog of the database was never read')
  const radii: BlastRadius[] = []
  for (const operation of losing)
    for (const { losses } of house.statements(operation))
      radii.push(...(await radiiOf(house, catalog, losses)))
  return radii.reduce(together, { ...noRadius, environments: house.environments })
}

async function radiiOf(
  house: SurveyHouse,
  catalog: SqlCatalog,
  losses: SqlStatement['losses'],
): Promise<readonly BlastRadius[]> {
  // Whose text does not tell what goes could take all that the credential may.
  if (losses === null) return [{ ...noRadius, resources: [wholeOf(house)] }]
  const { target, environments, alone } = house
  const found: BlastRadius[] = []
  for (const loss of losses)
    found.push(
      await alone((ask) => radiusOf(loss, { target, environments, catalog, ask, countMs })),
    )
  return found
}

function wholeOf({ target, database, environments }: SurveyHouse): Resource {
  return {
    target,
    type: 'database',
    id: database,
    name: database,
    environment: environments[0] ?? null,
    bytes: null,
    protects: null,
  }
}

function together(one: BlastRadius, other: BlastRadius): BlastRadius {
  const resources = new Map(
    [...one.resources, ...other.resources].map((thing) => [resourceKey(thing), thing]),
  )
  return {
    ...one,
    known: one.known && other.known,
    environments: united(one.environments, other.environments),
    resources: [...resources.values()],
    rows: one.rows === null ? other.rows : one.rows + (other.rows ?? 0),
    unknown: united(one.unknown, other.unknown),
  }
}
