/** Has a passkey sign: what would be signed is compared with what the person sees, before anything is asked. */
import type * as v from 'valibot'
import { statement } from './answers.ts'
import type { Asked } from './answers.ts'
import { base64urlOf, bytesOf, hexOf, sha256 } from './bytes.ts'
import { call, Refusal } from './call.ts'
import { canonical } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** What the person is looking at: an action with its text, or the words of what is done. */
export type Seen = { readonly digest: string; readonly shown: string } | { readonly what: Json }

/** A command that takes a person's word, with that word. */
export async function callSigned<S extends v.GenericSchema>(
  wish: {
    readonly command: string
    readonly input: JsonObject
    readonly approver: string
    readonly seen: Seen
    /** What a signature does not name goes with the act alone. */
    readonly besides?: JsonObject
  },
  shape: S,
): Promise<v.InferOutput<S>> {
  const { command, input, approver, seen, besides = {} } = wish
  const asked = await call('statement', { command, input, approver }, statement)
  const assertion = await signatureOf(asked, approver, seen)
  return await call(command, { ...input, ...besides, approver, assertion }, shape)
}

/** The passkey's answer, as the API takes it; throws a `Refusal` where it is not what was seen, or the person says no. */
export async function signatureOf(asked: Asked, approver: string, seen: Seen): Promise<JsonObject> {
  const odd = await oddIn(asked, approver, seen)
  if (odd !== null)
    throw new Refusal('odd_statement', `this would not sign what you see: ${odd}`, 'sign nothing')
  const credential = await navigator.credentials
    .get({
      publicKey: {
        challenge: bytesOf(asked.challenge),
        rpId: location.hostname,
        allowCredentials: asked.allow.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        userVerification: 'required',
      },
    })
    .catch(() => null)
  if (
    !(credential instanceof PublicKeyCredential) ||
    !(credential.response instanceof AuthenticatorAssertionResponse)
  )
    throw new Refusal('not_signed', 'the passkey was not used: nothing was signed')
  const { clientDataJSON, authenticatorData, signature } = credential.response
  return {
    id: credential.id,
    clientDataJSON: base64urlOf(clientDataJSON),
    authenticatorData: base64urlOf(authenticatorData),
    signature: base64urlOf(signature),
  }
}

/** INVARIANT (approval-binds): where a statement is not of what is seen, in one line; else null. */
export async function oddIn(asked: Asked, approver: string, seen: Seen): Promise<string | null> {
  const { statement: said, challenge } = asked
  if (base64urlOf(await sha256(canonical({ ...said }))) !== challenge)
    return 'its digest is of something else'
  if (said.approver !== approver) return 'it is for somebody else'
  if ('shown' in seen)
    return said.what === null && said.digest === seen.digest && said.shown === seen.shown
      ? null
      : 'it is of another action, or another text'
  const digest = `sha256:${hexOf(await sha256(canonical(seen.what)))}`
  const isSame = canonical(said.what) === canonical(seen.what)
  return isSame && said.digest === digest ? null : 'it is of another act'
}
