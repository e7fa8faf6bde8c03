/** Logs in to a target with its real credential. */
import { createHash } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'
import { readAuthentication, readFields, type Authentication } from '../../wire/postgres/back.ts'
import { password, saslResponse, saslStart } from '../../wire/postgres/front.ts'
import type { Inbox } from './inbox.ts'
import { fatal, Fatal, refusalOf } from './refusal.ts'
import { openScram, type Scram } from './scram.ts'

export interface Login {
  readonly inbox: Inbox
  readonly write: (bytes: Uint8Array) => void
  readonly user: string
  readonly secret: Secret
  readonly nonce: string
  /** Nobody can listen: TLS or a Unix socket. */
  readonly hidden: boolean
  readonly bound: Uint8Array | null
}

/** Comes back once the server has said that the login is good; a server that has to prove itself and does not is refused. */
export async function logIn(login: Login): Promise<void> {
  let scram: Scram | null = null
  let proven = true
  for (;;) {
    const told = readAuthentication(await authentication(login.inbox))
    if (told.kind === 'ok') {
      if (!proven) throw refused('it did not prove that it knows the password')
      return
    }
    if (told.kind === 'sasl') {
      scram = openScram(told.mechanisms, login.secret, login.nonce, login)
      if (scram === null) throw refused('it asks for a login that is not spoken here')
      proven = false
      login.write(saslStart(scram.mechanism, scram.first))
    } else if (told.kind === 'sasl-continue' && scram !== null) {
      login.write(saslResponse(await scram.answer(told.data)))
    } else if (told.kind === 'sasl-final' && scram !== null) {
      proven = scram.proves(told.data)
    } else if (scram === null) login.write(simple(login, told))
    else throw refused('it answers strangely')
  }
}

function simple(login: Login, told: Authentication): Uint8Array {
  if (told.kind === 'md5') return password(md5(login, told.salt))
  if (told.kind !== 'cleartext') throw refused('it asks for a login that is not spoken here')
  if (!login.hidden) throw refused('it asks for the password in the clear, without TLS')
  return password(login.secret.reveal())
}

function md5(login: Login, salt: Uint8Array): string {
  const hash = (...parts: readonly (string | Uint8Array)[]): string => {
    const made = createHash('md5')
    for (const part of parts) made.update(part)
    return made.digest('hex')
  }
  return `md5${hash(hash(login.secret.reveal(), login.user), salt)}`
}

async function authentication(inbox: Inbox): Promise<Uint8Array> {
  for (;;) {
    const frame = await inbox.next('typed')
    if (frame === null) throw refused('it hung up')
    if (frame[0] === 82) return frame.subarray(5)
    if (frame[0] === 69) throw told(frame.subarray(5))
    // A NegotiateProtocolVersion or a notice may stand before; anything else may not.
    if (frame[0] !== 78 && frame[0] !== 118) throw refused('it answers strangely')
  }
}

/** Crowded and not yet there: the server's own words help. Else the client would take the credential for its own. */
export function told(body: Uint8Array): Fatal {
  const said = refusalOf(readFields(body))
  if (/^(53|57)/.test(said.code)) return new Fatal(said, said.code)
  return new Fatal(refused(`it says: ${said.message}`).refusal, said.code)
}

function refused(why: string): Fatal {
  return fatal('08006', `the database behind this gateway cannot be logged in to: ${why}`)
}
