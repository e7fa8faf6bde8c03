/** The readers of SQL, GraphQL and plans for one judgement, loaded when a text has some: until then what it does is noted as wanted, and not judged. */
import type { readTool } from '../../classify/mcp/tool.ts'
import type { PlanRead } from '../../classify/plan/change.ts'
import type { Operation } from '../../core/operation.ts'

export interface Payloads {
  readonly sql: (text: string) => readonly Operation[]
  readonly graphql: (platform: string, body: string) => readonly Operation[]
  /** The reader of a plan's file; null until it is loaded. */
  readonly plan: () => ((bytes: Uint8Array) => PlanRead) | null
  /** The gateway's reader of a tool's call; null until it is loaded. */
  readonly tool: () => typeof readTool | null
  /** Loads what was asked for and missing since; true where that was something, and what was read must be read again. */
  readonly load: () => Promise<boolean>
}

export function openPayloads(): Payloads {
  let sql: Payloads['sql'] | null = null
  let graphql: Payloads['graphql'] | null = null
  let plan: ReturnType<Payloads['plan']> = null
  let tool: ReturnType<Payloads['tool']> = null
  const wanted = { sql: false, graphql: false, plan: false, tool: false }
  return {
    sql: (text) => {
      wanted.sql = true
      return sql?.(text) ?? []
    },
    graphql: (platform, body) => {
      wanted.graphql = true
      return graphql?.(platform, body) ?? []
    },
    plan: () => {
      wanted.plan = true
      return plan
    },
    tool: () => {
      wanted.tool = true
      return tool
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
      if (wanted.plan && plan === null) {
        plan = (await import('../../classify/payload-plan.ts')).readPlanFile
        isNew = true
      }
      if (wanted.tool && tool === null) {
        tool = (await import('../../classify/mcp/tool.ts')).readTool
        isNew = true
      }
      return isNew
    },
  }
}
