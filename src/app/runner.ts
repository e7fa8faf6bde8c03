/** What runs an approved act against a platform, with the one credential of its target. */
import type { Secret } from '../base/secret.ts'
import { createRedactor } from '../custody/redact.ts'
import { openRunner } from '../gateways/http/runner.ts'
import type { Runner } from '../guard/ports.ts'
import type { OpenTarget } from './targets.ts'

interface Sending {
  readonly credential: (target: string) => Promise<Secret>
  readonly sent: (requestId: string) => void
}

export function runnerOf(
  { target, own, platform, ask }: OpenTarget,
  { credential, sent }: Sending,
): Runner {
  const deadline = (ms: number): AbortSignal => AbortSignal.timeout(ms)
  return openRunner({
    target,
    upstream: own,
    deadline,
    sent,
    credential: () => credential(target.name),
    redact: (secret, bytes) => {
      const redactor = createRedactor(secret)
      return Buffer.concat([redactor.push(bytes), redactor.end()])
    },
    happened: async (action) => {
      const signal = deadline(10_000)
      const said = await Promise.all(
        action.operations.map((operation) =>
          platform.happened(target.name, operation, (query, variables) =>
            ask(query, variables, signal),
          ),
        ),
      ).catch(() => ['unknown' as const])
      const [first = 'unknown'] = said
      return said.every((each) => each === first) ? first : 'unknown'
    },
  })
}
