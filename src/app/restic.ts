/** What opens restic's repositories: names in custody, as an accepted config says; with nothing else left, restic's own variables. */
import { resolve } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { kindOfRepository } from '../vault/restic-place.ts'
import type { Restic } from '../vault/restic-point.ts'
import { findRestic } from '../vault/restic-run.ts'
import type { Config } from './config.ts'
import type { Credentials } from './credentials.ts'
import { environment } from './environment.ts'

/** INVARIANT (secret-stays): a password goes to the repository that an accepted config names beside it, and to no other. */
export function openConfiguredRestic(config: Config, { of }: Credentials): Restic {
  return {
    access: async ({ repository }) => {
      const source = resticSources(config).find((each) => each.repository === repository)
      if (source === undefined) return null
      const { password, credential } = source
      return {
        repository,
        password: await of(password),
        credential: credential === undefined ? null : pair(await of(credential), credential),
      }
    },
  }
}

/** By the point's own manifest; the variables that restic itself reads come before what that says. */
export function resticAlone(): Restic {
  return {
    access: async (own) => {
      const moved = environment('RESTIC_REPOSITORY')
      const said = environment('RESTIC_PASSWORD')
      const repository = moved === null ? own.repository : placed(moved)
      const password = said === null ? own.password : new Secret(said)
      const credential = credentialAlone(repository)
      return await Promise.resolve(password === null ? null : { repository, password, credential })
    },
  }
}

/** One line where a source names a repository and nothing here can read it; null where all is well. */
export async function resticTrouble(config: Config): Promise<string | null> {
  if (resticSources(config).length === 0) return null
  try {
    await findRestic()
    return null
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError)) throw thrown
    return `${thrown.message}: what it covers has no way back (${thrown.hint ?? ''})`
  }
}

/** Names in custody of what goes to restic alone. */
export function resticCredentials(config: Config): readonly string[] {
  return resticSources(config).flatMap(({ password, credential }) =>
    credential === undefined ? [password] : [password, credential],
  )
}

/** Names of those that are a password, and may be of more than one word. */
export function resticPasswords(config: Config): readonly string[] {
  return resticSources(config).map(({ password }) => password)
}

type ResticSource = NonNullable<
  Extract<NonNullable<Config['vault']>['sources'][number], { path: string }>['restic']
>

function resticSources({ vault }: Config): readonly ResticSource[] {
  return (vault?.sources ?? []).flatMap((source) =>
    'path' in source && source.restic !== undefined ? [source.restic] : [],
  )
}

function pair(secret: Secret, name: string): Secret {
  if (/^[^:]+:./.test(secret.reveal())) return secret
  throw new FirebreakError(
    'bad_config',
    `what custody keeps as \`${name}\` is no credential of a repository`,
    'add it as one line: USER:PASSWORD, or KEY_ID:SECRET',
  )
}

function placed(repository: string): string {
  const place = repository.includes(':') ? repository : resolve(repository)
  if (kindOfRepository(place) !== null) return place
  throw new FirebreakError(
    'bad_input',
    'RESTIC_REPOSITORY is no repository that Firebreak leads restic to',
    'a folder, `rest:`, `s3:` or `sftp:`, without a password in it',
  )
}

function credentialAlone(repository: string): Secret | null {
  const kind = kindOfRepository(repository)
  const names =
    kind === 's3'
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
      : kind === 'rest'
        ? ['RESTIC_REST_USERNAME', 'RESTIC_REST_PASSWORD']
        : []
  const parts = names.map(environment).filter((part) => part !== null)
  return parts.length < 2 ? null : new Secret(parts.join(':'))
}
