/** Whether the agent could read custody's key by itself: the operating system's users are a wall, one user is none. */
import type { Finding } from '../core/verdict.ts'

export interface UserFacts {
  /** The user that the gateway runs as. */
  readonly gateway: number
  /** The user that the agent runs as; null where that is not known. */
  readonly agent: number | null
}

/** What it costs where gateway and agent are not two users; nothing where they are. */
export function sameUser({ gateway, agent }: UserFacts): readonly Finding[] {
  if (agent === null)
    return [
      {
        rule: 'agent-user-unknown',
        message:
          'it is not known which user the agent runs as: run it as another one than the gateway, or it can read the key',
      },
    ]
  if (agent === 0)
    return [
      {
        rule: 'agent-is-root',
        message:
          'the agent runs as root: it can read the key, the credentials and the state, and stop the gateway; grants hold it back only as long as it asks through them',
      },
    ]
  if (agent !== gateway) return []
  return [
    {
      rule: 'same-user',
      message: `gateway and agent both run as user ${gateway}: the agent can read the key file and so every credential, write the state, and stop the gateway; run the gateway as a user of its own`,
    },
  ]
}
