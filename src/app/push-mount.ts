/** Where a hook brings what a push writes over, for an approved hold of its own. */
import { FirebreakError, messageOf } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import type { Principal } from '../core/principal.ts'
import { readBody } from '../gateways/http/body.ts'
import type { Mount } from '../gateways/http/house.ts'
import { holdById, openStored } from '../guard/hold.ts'
import type { Firebreak } from './compose.ts'
import { jsonAnswer } from './json-answer.ts'
import { mostBundle } from './push-limits.ts'

/** Takes what a push writes over, for a hold of whoever asks that has its pass. */
export function saveMount(firebreak: Firebreak): Mount {
  return {
    serve: async ({ principal, incoming }) => {
      const id = new URLSearchParams((incoming.url ?? '').split('?')[1]).get('hold') ?? ''
      const bundle = Buffer.from(await readBody(incoming, mostBundle))
      return jsonAnswer(await saved(firebreak, principal, { id, bundle }))
    },
  }
}

async function saved(
  firebreak: Firebreak,
  principal: Principal,
  { id, bundle }: { readonly id: string; readonly bundle: Buffer },
): Promise<JsonObject> {
  const { state, seal, passes, pushes, shells, clock } = firebreak
  try {
    const barred = firebreak.guard.bars(principal)
    if (barred !== null) throw new FirebreakError('halted', barred.message)
    const hold = await state.transact(async (tx) => await holdById(tx, id))
    const isMine = hold.principal.root === principal.root && hold.principal.name === principal.name
    if (!isMine) throw new FirebreakError('not_found', `there is no hold \`${id}\` for this grant`)
    const { action, request } = openStored({ seal }, hold)
    const push = shells.get(action.target)?.read(request).push ?? null
    const pass = await state.transact((tx) => passes.of(tx, action))
    const isOpen = pass?.digest === hold.digest && pass.state === 'open' && pass.until > clock.now()
    if (push === null || !isOpen) throw new FirebreakError('wrong_state', `\`${id}\` has no pass`)
    await pushes.keep(id, push, bundle)
    return { kind: 'saved' }
  } catch (thrown) {
    // Then nothing is pushed.
    return { kind: 'refused', text: messageOf(thrown) }
  }
}
