/** Claude Code's hook without a process: the same judgement, from the daemon that runs anyway. */
import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../base/error.ts'
import type { Principal } from '../../core/principal.ts'
import { answer, refuse } from '../hook/answer.ts'
import { claudeCode } from '../hook/dialects.ts'
import type { Reply } from '../hook/reply.ts'
import type { Answer } from './answer.ts'
import { readBody } from './body.ts'
import type { HttpHouse } from './house.ts'

/** The only host that asks this way. */
export const hookPath = '/.firebreak/hook/claude-code'

/**
 * INVARIANT (broken-is-closed): whatever is wrong, the answer is a 200 with a denial in it. Any other status is for the
 * host a hook that failed, and unless it is told otherwise it then lets the call run.
 */
export async function hookAnswer(
  house: HttpHouse,
  incoming: IncomingMessage,
  asker: Principal | string,
): Promise<Answer> {
  try {
    return asHttp(await judged(house, incoming, asker))
  } catch (thrown) {
    // What is still on its way is thrown away, or a reset would take the answer with it.
    incoming.resume()
    return asHttp(refuse(claudeCode, messageOf(thrown)))
  }
}

/** Whose grant works nowhere any more, does nothing here either: a halt is told at the first tool that is called. */
async function judged(
  house: HttpHouse,
  incoming: IncomingMessage,
  asker: Principal | string,
): Promise<Reply> {
  if (typeof asker === 'string') return refuse(claudeCode, asker)
  const barred = house.guard.bars(asker)
  if (barred !== null) return refuse(claudeCode, barred.message)
  const body = await readBody(incoming, house.limits.bodyBytes)
  return await answer(claudeCode, Buffer.from(body).toString('utf8'), house.hook(asker))
}

function asHttp({ stdout }: Reply): Answer {
  const body = Buffer.from(stdout)
  const type = ['content-type', 'application/json', 'cache-control', 'no-store']
  return { status: 200, headers: [...type, 'content-length', String(body.length)], body }
}
