/** People with passkeys at a rig: enrolled by its control commands, as the page and a terminal do. */
import { isObject, textOf } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import { fromBase32 } from '../src/app/rehearse.ts'
import { codeAt, stepAt } from '../src/approvals/totp.ts'
import { openAuthenticator } from './authenticator.ts'
import type { Authenticator } from './authenticator.ts'
import type { Rig } from './rig.ts'

export const consoleYaml = 'console: { listen: "127.0.0.1:0" }\n'

export interface Person {
  readonly name: string
  readonly device: Authenticator
  /** Sends a command with a signature of what it says it wants signed. */
  readonly sign: (command: string, input?: JsonObject) => Promise<Json>
}

export function objectOf(value: Json): JsonObject {
  return isObject(value) ? value : {}
}

/** Invited by the rig's admin, with a code, and confirmed. */
export async function enrolPasskey(rig: Rig, name: string, role = 'approver'): Promise<Person> {
  const { call, callAs } = rig.people
  const device = openAuthenticator()
  const invited = objectOf(await callAs('approver-invite', { name, role }))
  const token = textOf(invited['url']).split('#invited=')[1] ?? ''
  const { challenge } = objectOf(await call('passkey-open', { token }))
  const given = device.create(textOf(challenge))
  const { number = null } = objectOf(await call('passkey-arrive', { token, given: { ...given } }))
  await call('passkey-confirm', { terminal: invited['terminal'] ?? null, number })
  return person(rig, name, device)
}

export function person(rig: Rig, name: string, device: Authenticator): Person {
  const { call } = rig.people
  return {
    name,
    device,
    sign: async (command, input = {}) => {
      const asked = objectOf(await call('statement', { command, input, approver: name }))
      const assertion = { ...device.get(textOf(asked['challenge'])) }
      return await call(command, { ...input, approver: name, assertion })
    },
  }
}

/** Enrolled with one-time codes by the rig's admin; gives the next code that counts. */
export async function enrolCodes(rig: Rig, name: string, role = 'approver'): Promise<() => string> {
  const begun = objectOf(await rig.people.callAs('approver-enrol', { name, role }))
  const secret = fromBase32(new URL(textOf(begun['uri'])).searchParams.get('secret') ?? '')
  const code = (): string => {
    rig.pass(31_000)
    return codeAt(secret, stepAt(rig.running.firebreak.clock.now()))
  }
  await rig.people.call('approver-confirm', { name, code: code() })
  return code
}

/** A hold of an agent's, and what was shown of it. */
export async function holdFor(
  rig: Rig,
  grant: string,
  query: string,
  key = 'one',
): Promise<{ readonly id: string; readonly shown: string }> {
  const { body } = await rig.ask(grant, query, { headers: { 'idempotency-key': key } })
  const id = textOf(body['holdId'])
  const { shown = '' } = objectOf(await rig.people.call('hold-show', { id }))
  return { id, shown: textOf(shown) }
}
