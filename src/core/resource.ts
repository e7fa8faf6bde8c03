/** A thing that can be lost, and how it is named. */

/** Enough to find a thing: which target it is behind, what it is, and its id there. */
export interface ResourceRef {
  readonly target: string
  /** The platform's own word: `volume`, `volumeInstance`, `backup`, `service`, `environment`, `project`… */
  readonly type: string
  readonly id: string
}

export interface Resource extends ResourceRef {
  readonly name: string
  /** The environment's id on the platform; null where the thing belongs to none or that is not known. */
  readonly environment: string | null
  readonly bytes: number | null
  /** What it is called by where its id is a name that can pass to another thing: a table's oid. */
  readonly self?: string
  /** What this thing is a way back for (a backup protects a volume instance); null for the rest. */
  readonly protects: ResourceRef | null
}

/** One text for one thing: `target/type/id`. */
export function resourceKey(ref: ResourceRef): string {
  return `${ref.target}/${ref.type}/${ref.id}`
}
