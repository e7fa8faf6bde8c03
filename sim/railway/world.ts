/** All rows of one rehearsal platform, and their copy in `state.json`, which survives a restart. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type {
  AuditRow,
  BackupRow,
  BucketInstanceRow,
  BucketRow,
  DeploymentRow,
  DomainRow,
  EnvironmentRow,
  LimitRow,
  PatchRow,
  ProjectRow,
  ScheduleRow,
  ServiceInstanceRow,
  ServiceRow,
  TokenRow,
  UserRow,
  VariableRow,
  VolumeInstanceRow,
  VolumeRow,
  WorkflowRow,
  WorkspaceRow,
} from './rows.ts'

/** Rows by id, in the order they came. A row is never changed: `put` replaces it whole. */
export class Table<T extends { readonly id: string }> {
  readonly #rows: Map<string, T>

  constructor(rows: readonly T[] = []) {
    this.#rows = new Map(rows.map((row) => [row.id, row]))
  }

  get(id: string): T | null {
    return this.#rows.get(id) ?? null
  }

  all(): readonly T[] {
    return [...this.#rows.values()]
  }

  where(keep: (row: T) => boolean): readonly T[] {
    return this.all().filter(keep)
  }

  put(row: T): T {
    this.#rows.set(row.id, row)
    return row
  }

  remove(id: string): void {
    this.#rows.delete(id)
  }

  removeWhere(drop: (row: T) => boolean): void {
    for (const row of this.where(drop)) this.remove(row.id)
  }
}

interface Rows {
  readonly users: readonly UserRow[]
  readonly workspaces: readonly WorkspaceRow[]
  readonly tokens: readonly TokenRow[]
  readonly projects: readonly ProjectRow[]
  readonly environments: readonly EnvironmentRow[]
  readonly services: readonly ServiceRow[]
  readonly serviceInstances: readonly ServiceInstanceRow[]
  readonly volumes: readonly VolumeRow[]
  readonly volumeInstances: readonly VolumeInstanceRow[]
  readonly backups: readonly BackupRow[]
  readonly schedules: readonly ScheduleRow[]
  readonly patches: readonly PatchRow[]
  readonly variables: readonly VariableRow[]
  readonly domains: readonly DomainRow[]
  readonly deployments: readonly DeploymentRow[]
  readonly buckets: readonly BucketRow[]
  readonly bucketInstances: readonly BucketInstanceRow[]
  readonly workflows: readonly WorkflowRow[]
  readonly limits: readonly LimitRow[]
  readonly audit: readonly AuditRow[]
}

/** The tables by name; what a seed fills and a mutation changes. */
export type World = {
  readonly [K in keyof Rows]: Table<Rows[K][number]>
}

/** A world of the given rows; what is left out is an empty table. */
export function worldOf(rows: Partial<Rows>): World {
  return {
    users: new Table(rows.users),
    workspaces: new Table(rows.workspaces),
    tokens: new Table(rows.tokens),
    projects: new Table(rows.projects),
    environments: new Table(rows.environments),
    services: new Table(rows.services),
    serviceInstances: new Table(rows.serviceInstances),
    volumes: new Table(rows.volumes),
    volumeInstances: new Table(rows.volumeInstances),
    backups: new Table(rows.backups),
    schedules: new Table(rows.schedules),
    patches: new Table(rows.patches),
    variables: new Table(rows.variables),
    domains: new Table(rows.domains),
    deployments: new Table(rows.deployments),
    buckets: new Table(rows.buckets),
    bucketInstances: new Table(rows.bucketInstances),
    workflows: new Table(rows.workflows),
    limits: new Table(rows.limits),
    audit: new Table(rows.audit),
  }
}

/** The rows as plain values, table by table. */
export function rowsOf(world: World): Readonly<Record<string, readonly { readonly id: string }[]>> {
  return Object.fromEntries(Object.entries(world).map(([name, table]) => [name, table.all()]))
}

/** The world of an earlier run, or null where the file does not exist. */
export function loadWorld(file: string): World | null {
  if (!existsSync(file)) return null
  const rows: Partial<Rows> = JSON.parse(readFileSync(file, 'utf8'))
  return worldOf(rows)
}

/** Writes the world beside the file and moves it there, so that a reader never sees half of it. */
export function saveWorld(file: string, world: World): void {
  writeFileSync(`${file}.new`, JSON.stringify(rowsOf(world)), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
