/** What is lost when a thing of a plan goes, by the name of its type: `aws_db_instance`, `google_storage_bucket`. */
import type { DestroyKind } from '../../core/effect.ts'

/** The first that fits; what fits none holds something all the same. */
const rows: readonly (readonly [RegExp, DestroyKind])[] = [
  [/backup|snapshot|recovery_point|restore_point|image$|machine_image|ami$/, 'backup'],
  [
    /(kms|keyvault|key_vault|crypto).*key|secret|password|ssm_parameter|certificate|access_key/,
    'key',
  ],
  [
    /lock$|_lock_|lifecycle|retention|versioning|replication|deletion_protection|public_access_block|logging$|cloudtrail|audit|immutab|bucket_policy/,
    'guard',
  ],
  [
    /route53_(zone|record)|dns_|_dns|domain|hosted_zone|_eip|elastic_ip|static_ip|public_ip|global_address|compute_address/,
    'name',
  ],
  [
    /organization|account$|_account_|iam_|role_assignment|service_account|user$|membership/,
    'account',
  ],
  [
    /volume|disk|bucket|object$|blob|file_system|filesystem|efs_|table$|queue|topic|stream|_share$|document/,
    'data',
  ],
]

export function kindOf(type: string): DestroyKind {
  return rows.find(([like]) => like.test(type.toLowerCase()))?.[1] ?? 'container'
}

/** A setting that protects, and the value that takes the protection away. */
const guards: readonly (readonly [RegExp, (value: unknown) => boolean, isLostWithout?: true])[] = [
  [
    /^(deletion_protection|deletion_protection_enabled|prevent_destroy|termination_protection|disable_api_termination|point_in_time_recovery(_enabled)?|versioning|enable_key_rotation|backups?_enabled)$/,
    (value) => value === false,
    true,
  ],
  [
    /^(force_destroy|skip_final_snapshot|delete_automated_backups|force_delete|purge_on_destroy|skip_destroy_protection|publicly_accessible|public)$/,
    (value) => value === true,
  ],
  [
    /^(backup_retention_period|backup_retention_days|retention_in_days|retention_period|soft_delete_retention_days|deletion_window_in_days)$/,
    (value) => value === 0,
    true,
  ],
]

/** Settings that protected before and do not after, by name, however deep. One that is null afterwards was taken out; one that is missing is not known yet. */
export function droppedGuards(before: unknown, after: unknown): readonly string[] {
  return [...new Set(dropped(before, after, null))]
}

function dropped(before: unknown, after: unknown, above: string | null): readonly string[] {
  // A block stands in a list: `versioning: [{ enabled: false }]`.
  if (Array.isArray(before) && Array.isArray(after))
    return before.flatMap((each, at) => dropped(each, after[at], above))
  if (!isRecord(before) || !isRecord(after)) return []
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const name = key === 'enabled' && above !== null ? above : key
    const [was, is] = [before[key], after[key]]
    return isDropped(snake(name), was, is) ? [name] : dropped(was, is, name)
  })
}

function isDropped(name: string, was: unknown, is: unknown): boolean {
  return guards.some(([like, isOff, isLostWithout = false]) => {
    if (!like.test(name) || was === undefined || isOff(was)) return false
    const isGone = isLostWithout && is === null && (was === true || typeof was === 'number')
    return isOff(is) || isGone
  })
}

/** Pulumi writes `deletionProtection` for what Terraform writes as `deletion_protection`. */
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`)

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
