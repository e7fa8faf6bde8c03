/** A GraphQL request that is handed on within a shell's text or a tool's arguments: what the platform would do, as its gateway reads it. */
import type { Operation } from '../core/operation.ts'
import { platformNamed } from '../platforms/known.ts'
import { graphqlReader } from './graphql.ts'
import { unread } from './shell/operation.ts'

/** `body` is the request's body as it would be sent. Never throws. */
export function readGraphqlPayload(name: string, body: string): readonly Operation[] {
  const platform = platformNamed(name)
  if (platform === null) return [unread(name, `there is no reader for \`${name}\` yet`)]
  return graphqlReader(platform).http(name, {
    method: 'POST',
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
    body: new TextEncoder().encode(body),
  }).operations
}
