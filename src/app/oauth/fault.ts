/** What an authorization server says is wrong, as far as it may be repeated. */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { messageOf } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'

/** INVARIANT (secret-stays): of what it says its code alone; a description could hold what it was sent. */
export function faultOf(thrown: unknown): string {
  if (thrown instanceof ResponseBodyError || thrown instanceof AuthorizationResponseError)
    return /^[a-z_]{1,40}$/.test(thrown.error) ? `it says \`${thrown.error}\`` : 'it refuses'
  // The library's own words for what stands behind it, which hold nothing of the answer.
  const why = thrown instanceof ClientError && thrown.cause instanceof Error ? thrown.cause : thrown
  return plain(messageOf(why))
}
