/** What the gateway itself answers to a grant: where its hold stands, and the receipt of what was written down about it. */
import { messageOf } from '../../base/error.ts'
import type { Principal } from '../../core/principal.ts'
import type { Guard } from '../../guard/passed.ts'
import { plainProblem } from './answer.ts'
import type { Answer } from './answer.ts'
import { statusAnswer } from './passed.ts'

/** What every path of our own begins with. */
export const ownPath = '/.firebreak/'

interface Asker {
  readonly principal: Principal
  readonly accept: string | null
}

/** The answer; null where the path is none of ours. */
export async function ownAnswer(guard: Guard, url: string, asker: Asker): Promise<Answer | null> {
  const [, what, id = ''] = /^\/\.firebreak\/(holds|receipts)\/([a-z0-9_]{1,60})$/.exec(url) ?? []
  if (what === undefined) return null
  const shape = { graphql: false, accept: asker.accept }
  try {
    const found =
      what === 'holds' ? await status(guard, id, asker) : await receipt(guard, id, asker)
    const detail = `there is nothing under \`${id}\` for this grant`
    return found ?? plainProblem({ status: 404, kind: 'not-found', detail }, shape)
  } catch (thrown) {
    // The state cannot be read: said, and nothing else happens.
    return plainProblem({ status: 503, kind: 'closed', detail: messageOf(thrown) }, shape)
  }
}

async function status(
  guard: Guard,
  id: string,
  { principal, accept }: Asker,
): Promise<Answer | null> {
  const passed = await guard.status(id, principal.root)
  return passed === null || passed.kind === 'allowed'
    ? null
    : statusAnswer(passed, { graphql: false, accept })
}

/** INVARIANT (own receipts): an entry holds what was asked, so it is given to the principal that asked it and to nobody else. */
async function receipt(guard: Guard, id: string, { principal }: Asker): Promise<Answer | null> {
  if (!/^(0|[1-9]\d{0,14})$/.test(id)) return null
  const text = await guard.receipt(Number(id), principal.name)
  if (text === null) return null
  const body = Buffer.from(text)
  const type = ['content-type', 'text/plain; charset=utf-8', 'cache-control', 'no-store']
  return { status: 200, headers: [...type, 'content-length', String(body.length)], body }
}
