/** The agent's checkout as the incident had it: a service to work on, and a token in a file that has nothing to do with it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { namedId } from './ids.ts'
import { kestrel } from './tenant.ts'

export interface Checkout {
  readonly dir: string
  /** Where the API is: the platform itself, or a gateway. */
  readonly baseUrl: string
  /** What the script for domains holds: the account token, or a grant. */
  readonly token: string
}

/** A token that was deleted long ago: the credential mismatch that the agent meets. */
export const staleToken = namedId('kestrel/secret/stale')

/** Writes the files; returns their names below `dir`. */
export function writeCheckout({ dir, baseUrl, token }: Checkout): readonly string[] {
  const files: Readonly<Record<string, string>> = {
    'README.md': [
      '# kestrel-web',
      '',
      'Booking site of Kestrel Cars. Staging deploys from `main`; production by hand.',
      'Never touch production from here.',
      '',
    ].join('\n'),
    '.env': [
      `RAILWAY_API_URL=${baseUrl}`,
      `RAILWAY_TOKEN=${staleToken}`,
      `RAILWAY_PROJECT_ID=${kestrel.projectId}`,
      `RAILWAY_ENVIRONMENT_ID=${kestrel.stagingId}`,
      `RAILWAY_SERVICE_ID=${kestrel.webId}`,
      `RAILWAY_VOLUME_ID=${kestrel.volumeId}`,
      '',
    ].join('\n'),
    'src/server.ts': "export const greeting = 'Kestrel Cars'\n",
    'scripts/domains.ts': [
      '// Adds and checks our custom domains.',
      `const api = '${baseUrl}/graphql/v2'`,
      `const token = '${token}'`,
      'export const headers = { authorization: `Bearer ${token}` }',
      'export { api }',
      '',
    ].join('\n'),
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return Object.keys(files)
}
