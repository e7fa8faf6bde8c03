/** Where the platform gives secrets away: the fields whose value is one, and how a selection is searched for them. */
import type { JsonObject } from '../../base/json.ts'
import type { Finding } from '../../core/verdict.ts'
import type { RootField, Selection } from '../platform.ts'
import { secretPaths } from './secret-paths.ts'
import { typeIn } from './shape.ts'

/** `Type.field` to why its value is a secret; those in `decrypting` only when they are asked to decrypt. */
export const secretFields: { readonly [path: string]: string } = {
  'Environment.config': 'the configuration with its variables decrypted',
  'EnvironmentPatch.patch': 'the changes with their variables decrypted',
  'DeploymentSnapshot.variables': 'the values of all variables of a deployment',
  'BucketS3CompatibleCredentials.accessKeyId': 'half of the credentials of a bucket',
  'BucketS3CompatibleCredentials.secretAccessKey': 'the secret key of a bucket',
  'TwoFactorInfoSecret.secret': 'the seed of the second factor',
  'TwoFactorInfoSecret.uri': 'the seed of the second factor, as a link',
  'RecoveryCodes.recoveryCodes': 'codes that stand in for the second factor',
  'ApiToken.displayToken': 'the token, as far as the platform shows it',
  'ProjectToken.displayToken': 'the token, as far as the platform shows it',
  'Integration.config': 'the configuration of an integration, which can hold its tokens',
  'NotificationChannel.config': 'the address that alarms go to, which can be a secret link',
  'ProviderAuth.metadata': 'what the login provider handed over, which can hold its tokens',
  'ChangeOperationResult.outputs': 'the outputs of a change, which can hold connection strings',
}

/** Fields that are secret only when they are asked to decrypt. */
const decrypting: ReadonlySet<string> = new Set(['Environment.config', 'EnvironmentPatch.patch'])

/**
 * What a root field's selection would give away: one finding for each secret field, none where there is none.
 * Follows types by the schema; below a type condition by the type it names.
 */
export function secretsIn(field: RootField): readonly Finding[] {
  const root = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const
  const type = typeIn(secretPaths, root[field.operation], field.name)
  if (type === null) return []
  const found = new Set<string>()
  search(type, field.selects, found)
  return [...found].map((path) => ({
    rule: 'secret-read',
    message: `\`${path}\` gives away ${secretFields[path] ?? 'a secret'}`,
  }))
}

function search(type: string, selects: Selection, found: Set<string>): void {
  for (const field of selects) {
    const owner = field.on ?? type
    const path = `${owner}.${field.name}`
    if (Object.hasOwn(secretFields, path) && shows(path, field.arguments)) found.add(path)
    const next = typeIn(secretPaths, owner, field.name)
    if (next !== null) search(next, field.selects, found)
  }
}

/** Anything but a plain no to `decryptVariables` counts as yes. */
function shows(path: string, args: JsonObject): boolean {
  if (!decrypting.has(path)) return true
  const asked = args['decryptVariables']
  return asked !== undefined && asked !== null && asked !== false
}
