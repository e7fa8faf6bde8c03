/** The readers of SQL and GraphQL for one judgement, loaded when a text has some: until then what it does is noted as wanted, and not judged. */
import type { Operation } from '../../core/operation.ts'

export interface Payloads {
  readonly sql: (text: string) => readonly Operation[]
  readonly graphql: (platform: string, body: string) => readonly Operation[]
  /** Loads what was asked for and missing since; true where that was something, and what was read must be read again. */
  readonly load: () => Promise<boolean>
}

export function openPayloads(): Payloads {
  let sql: Payloads['sql'] | null = null
  let graphql: Payloads['graphql'] | null = null
  const wanted = { sql: false, graphql: false }
  return {
    sql: (text) => {
      wanted.sql = true
      return sql?.(text) ?? []
    },
    graphql: (platform, body) => {
      wanted.graphql = true
      return graphql?.(platform, body) ?? []
    },
    load: async () => {
      let isNew = false
      if (wanted.sql && sql === null) {
        const { loadSql, readSqlPayload } = await import('../../classify/payload-sql.ts')
        await loadSql()
        sql = readSqlPayload
        isNew = true
      }
      if (wanted.graphql && graphql === null) {
        const { readGraphqlPayload } = await import('../../classify/payload-graphql.ts')
        graphql = readGraphqlPayload
        isNew = true
      }
      return isNew
    },
  }
}
