/** The platform's own record of mutations: who did what, with the secrets left out. */
import { asBag, type Args } from './args.ts'
import { isoNow, type Context, type Place } from './ground.ts'

/** Writes one row; its context names the token and the request, as `x-railway-request-id` told the caller. */
export function audit(name: string, args: Args, place: Place, context: Context): void {
  const { ground, caller, requestId } = context
  ground.world.audit.put({
    id: ground.newId('audit'),
    createdAt: isoNow(ground),
    eventType: name,
    ...place,
    payload: withoutSecrets(args),
    context: {
      requestId,
      tokenId: caller?.id ?? null,
      tokenName: caller?.name ?? null,
      tokenKind: caller?.kind ?? null,
    },
  })
}

/** The arguments with every value of a variable taken out; its name stays. */
export function withoutSecrets(args: Args): Args {
  const pairs = Object.entries(args).map(([name, value]): readonly [string, unknown] => {
    if (name === 'value') return [name, null]
    if (name === 'variables' || name === 'sharedVariables') return [name, Object.keys(asBag(value))]
    const below = asBag(value)
    return [name, Object.keys(below).length > 0 ? withoutSecrets(below) : value]
  })
  return Object.fromEntries(pairs)
}
