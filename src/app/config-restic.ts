/** `restic` under `vault.sources`: the owner's repository, and the names in custody of what opens it. */
import * as v from 'valibot'
import { isService, kindOfRepository } from '../vault/restic-place.ts'
import { name } from './config-targets.ts'

const forms =
  'is no repository that Firebreak leads restic to: a folder, `rest:https://HOST/…`, `s3:https://HOST/BUCKET/…` or `sftp:USER@HOST:/…`, without a password in it'

export const restic = v.pipe(
  v.strictObject({
    repository: v.pipe(v.string(), v.check(isRepository, forms)),
    /** Its name in custody. */
    password: v.optional(name, 'restic'),
    /** The name in custody of `USER:PASSWORD` or `KEY_ID:SECRET`, for a service that asks for one. */
    credential: v.optional(name),
  }),
  v.check(
    ({ repository, credential }) => credential === undefined || /^(?:rest|s3):/.test(repository),
    'has a `credential`, which only `rest:` and `s3:` take; `sftp:` goes by the keys of ssh',
  ),
)

/** A folder may be relative to the config's; what begins with `-` never is one. */
function isRepository(text: string): boolean {
  if (isService(text)) return kindOfRepository(text) !== null
  return /^[^-\p{Cc}][^\p{Cc}]*$/u.test(text)
}
