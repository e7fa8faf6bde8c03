/** Which repositories restic is led to: a closed list of forms, none of which can be an option of restic's, or of the ssh that it starts. */

import type { Secret } from '../base/secret.ts'

/** A repository, and what opens it. */
export interface Access {
  readonly repository: string
  readonly password: Secret
  /** `USER:PASSWORD` of a REST server, `KEY_ID:SECRET[:SESSION]` of S3; null where none is needed. */
  readonly credential: Secret | null
}

export type RepositoryKind = 'folder' | 'rest' | 's3' | 'sftp'

const host = String.raw`(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-f:]+\])(?::\d{1,5})?`
const forms: readonly (readonly [RepositoryKind, RegExp])[] = [
  ['folder', /^\/[^\p{Cc}]*$/u],
  ['rest', new RegExp(`^rest:https?://${host}(?:/[^\\s@?#]*)?$`)],
  ['s3', new RegExp(`^s3:(?:https?://)?${host}/[^\\s@?#]+$`)],
  // `ssh` takes a host that begins with `-` for an option, and runs what that says.
  ['sftp', /^sftp:(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:[^\p{Cc}]+$/u],
  [
    'sftp',
    /^sftp:\/\/(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/[^\p{Cc}]+$/u,
  ],
]

/** Null for what is of none of the forms: a relative path, another service, or one that carries a password. */
export function kindOfRepository(repository: string): RepositoryKind | null {
  return forms.find(([, form]) => form.test(repository))?.[0] ?? null
}

/** True for what names a service and is no path. */
export function isService(repository: string): boolean {
  return /^[a-z0-9]+:/.test(repository)
}
