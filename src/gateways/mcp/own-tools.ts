/** The tools of Firebreak's own server, as agents read of them. All of them read. */
import type { JsonObject } from '../../base/json.ts'

const text = (description: string): JsonObject => ({ type: 'string', description })
const calm = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }
const object = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

export const ownTools: readonly JsonObject[] = [
  {
    name: 'preflight',
    title: 'What would this destroy?',
    description:
      'Says what Firebreak would answer to a call, what would go with it, and what to do instead. Nothing is executed. Give one of: `target` with `graphql`, `target` with `tool`, `sql`, or `command`.',
    inputSchema: object(
      {
        target: text('the name of a target, as in the path by which it is called'),
        graphql: text('a GraphQL document for that target'),
        variables: { type: 'object', description: 'its variables' },
        tool: text('the name of a tool of that target, an MCP server'),
        arguments: { type: 'object', description: 'its arguments' },
        sql: text('SQL for PostgreSQL'),
        command: text('a command line of a shell'),
      },
      [],
    ),
    annotations: calm,
  },
  {
    name: 'hold_status',
    title: 'Where does my hold stand?',
    description: 'Says whether a held call is open, approved, denied, scheduled or done.',
    inputSchema: object({ holdId: text('as the held call was answered with') }, ['holdId']),
    annotations: calm,
  },
  {
    name: 'my_grant',
    title: 'What may I do?',
    description: 'Says what this grant is for, until when, and whether anything stops it.',
    inputSchema: object({}, []),
    annotations: calm,
  },
  {
    name: 'recovery_points',
    title: 'What could be brought back?',
    description:
      'Lists the recovery points of what this grant reaches: of what, how old, verified when.',
    inputSchema: object({}, []),
    annotations: calm,
  },
]
