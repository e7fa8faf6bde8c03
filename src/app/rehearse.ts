/** A Firebreak set up by itself, as a person would by hand: for the demo and for scenarios. Its approver is a value, so it is for rehearsals alone. */
import { join } from 'node:path'
import { codeAt, stepAt } from '../approvals/totp.ts'
import { isObject, textOf } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Config } from './config.ts'
import { callControl } from './socket.ts'

export interface Rehearsal {
  /** Sends a control command, as the command line does. */
  readonly call: (command: string, input?: JsonObject) => Promise<Json>
  /** The same with the approver's next unused code. */
  readonly callAs: (command: string, input?: JsonObject) => Promise<Json>
  /** Mints a grant and gives its text. */
  readonly mint: (principal: string, caveats: JsonObject) => Promise<string>
  readonly approver: string
}

/**
 * Enrols one approver and keeps one credential. `now` is the daemon's clock: a code works once, and the daemon takes one step
 * before and after it, so three codes come at once and the fourth waits for the next half minute.
 */
export async function rehearse(
  config: Config,
  keep: { readonly target: string; readonly secret: string },
  now: () => number,
): Promise<Rehearsal> {
  const socket = join(config.state, 'control.sock')
  const call = (command: string, input: JsonObject = {}): Promise<Json> =>
    callControl(socket, command, input)
  const approver = 'ada'
  const begun = await call('approver-enrol', { name: approver, role: 'admin' })
  const uri = isObject(begun) ? textOf(begun['uri']) : ''
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  // The oldest code that is still taken comes first, so that three fit into one half minute.
  let last = stepAt(now()) - 2
  const nextCode = async (): Promise<string> => {
    // Later ones come from the middle: the oldest would be too old if the half minute ended on their way.
    const next = last + 1
    last = next < stepAt(now()) - 1 ? stepAt(now()) : next
    while (last > stepAt(now()) + 1) await new Promise((resolve) => setTimeout(resolve, 250))
    return codeAt(secret, last)
  }
  await call('approver-confirm', { name: approver, code: await nextCode() })
  const callAs: Rehearsal['callAs'] = async (command, input = {}) =>
    await call(command, { ...input, approver, code: await nextCode() })
  await callAs('custody-add', { ...keep })
  const mint: Rehearsal['mint'] = async (principal, caveats) => {
    const minted = await callAs('grant-mint', { principal, note: 'rehearsal', caveats })
    return isObject(minted) ? textOf(minted['grant']) : ''
  }
  return { call, callAs, mint, approver }
}

/** The bytes of RFC 4648 §6 text without padding: an enrolment URI's secret, as an authenticator reads it. */
export function fromBase32(text: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(text, (character) =>
    alphabet.indexOf(character).toString(2).padStart(5, '0'),
  ).join('')
  return new Uint8Array((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
