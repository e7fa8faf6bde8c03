/** The rows that the rehearsal platform keeps: everything it knows beside the bytes on disk. */

interface Row {
  readonly id: string
  /** ISO 8601; every row can be ordered by it. */
  readonly createdAt: string
}

export interface UserRow extends Row {
  readonly name: string
  readonly email: string
}

export interface WorkspaceRow extends Row {
  readonly name: string
}

/** A credential. Account and workspace tokens can do everything there is, whatever they were made for. */
export interface TokenRow extends Row {
  readonly kind: 'account' | 'workspace' | 'project'
  readonly name: string
  readonly secret: string
  readonly workspaceId: string | null
  readonly projectId: string | null
  readonly environmentId: string | null
}

export interface ProjectRow extends Row {
  readonly name: string
  readonly description: string | null
  readonly workspaceId: string
  readonly isPublic: boolean
  readonly prDeploys: boolean
  readonly baseEnvironmentId: string | null
  readonly updatedAt: string
  /** When a scheduled deletion will really happen; null where none is scheduled. */
  readonly deletedAt: string | null
}

export interface EnvironmentRow extends Row {
  readonly projectId: string
  readonly name: string
  readonly isEphemeral: boolean
  readonly sourceEnvironmentId: string | null
  readonly updatedAt: string
}

export interface ServiceRow extends Row {
  readonly projectId: string
  readonly name: string
  readonly icon: string | null
  readonly updatedAt: string
}

export interface ServiceInstanceRow extends Row {
  readonly serviceId: string
  readonly environmentId: string
  /** What `serviceInstanceUpdate` may set: `image`, `startCommand`, `preDeployCommand` and the like. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly updatedAt: string
}

export interface VolumeRow extends Row {
  readonly projectId: string
  readonly name: string
}

export type VolumeState =
  | 'DELETED'
  | 'DELETING'
  | 'ERROR'
  | 'MIGRATING'
  | 'MIGRATION_PENDING'
  | 'READY'
  | 'RESTORING'
  | 'UPDATING'

/** One volume in one environment; its bytes lie in the directory that bears its id. */
export interface VolumeInstanceRow extends Row {
  readonly volumeId: string
  readonly environmentId: string
  readonly serviceId: string | null
  readonly mountPath: string
  readonly region: string | null
  readonly sizeMB: number
  readonly state: VolumeState
}

/** A copy inside the volume it copies: it dies with it, as on the real platform. */
export interface BackupRow extends Row {
  readonly volumeInstanceId: string
  readonly name: string
  /** Null for a backup that is kept for good. */
  readonly expiresAt: string | null
  readonly scheduleId: string | null
  readonly creatorId: string | null
}

export type ScheduleKind = 'DAILY' | 'WEEKLY' | 'MONTHLY'

export interface ScheduleRow extends Row {
  readonly volumeInstanceId: string
  readonly kind: ScheduleKind
}

export interface PatchRow extends Row {
  readonly environmentId: string
  readonly patch: Readonly<Record<string, unknown>>
  readonly status: 'STAGED' | 'COMMITTED'
  readonly message: string | null
  readonly updatedAt: string
  readonly appliedAt: string | null
}

export interface VariableRow extends Row {
  readonly projectId: string
  readonly environmentId: string
  /** Null for a variable that all services of the environment share. */
  readonly serviceId: string | null
  readonly name: string
  readonly value: string
  readonly updatedAt: string
}

export interface DomainRow extends Row {
  readonly kind: 'custom' | 'service'
  readonly domain: string
  readonly projectId: string
  readonly environmentId: string
  readonly serviceId: string
  readonly targetPort: number | null
  readonly updatedAt: string
}

export interface DeploymentRow extends Row {
  readonly projectId: string
  readonly environmentId: string
  readonly serviceId: string
  readonly status: 'SUCCESS' | 'REMOVED'
  readonly stopped: boolean
  readonly image: string | null
  readonly updatedAt: string
}

export interface BucketRow extends Row {
  readonly projectId: string
  readonly name: string
  readonly updatedAt: string
}

/** A bucket in one environment; its objects lie in the directory that bears its id. */
export interface BucketInstanceRow extends Row {
  readonly bucketId: string
  readonly environmentId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface WorkflowRow extends Row {
  readonly status: 'Complete' | 'Error'
  readonly error: string | null
}

export interface LimitRow extends Row {
  readonly softDollars: number
  readonly hardDollars: number | null
}

/** One mutation that took effect: who (the token's name and id), what and when. Secrets are left out of `payload`. */
export interface AuditRow extends Row {
  readonly eventType: string
  readonly workspaceId: string | null
  readonly projectId: string | null
  readonly environmentId: string | null
  readonly payload: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, unknown>>
}
