/** The readers of what tools are given: the very ones of the gateways. */
import { platformNamed } from '../../platforms/known.ts'
import { readGraphqlPayload } from '../payload-graphql.ts'
import { readSqlPayload } from '../payload-sql.ts'
import { readShell } from '../shell/read.ts'
import type { PayloadReaders } from './payload.ts'

/** `platform`: what the server speaks to, where that is known by name. Files that a text names are not looked at. */
export function toolReaders(platform: string | null): PayloadReaders {
  const readers = { sql: readSqlPayload, graphql: readGraphqlPayload, file: () => null }
  const known = platform === null ? null : platformNamed(platform)
  return {
    sql: readSqlPayload,
    shell: (text) => readShell(text, { readers, cwd: null }),
    graphql:
      known === null ? null : (request) => readGraphqlPayload(known.name, JSON.stringify(request)),
  }
}
