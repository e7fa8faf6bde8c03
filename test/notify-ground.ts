/** What tests of the notices share: receivers on this machine that write down what comes, and a Firebreak that tells them. */
import { SMTPServer } from 'smtp-server'
import { expect } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { isObject, textOf } from '../src/base/json.ts'
import type { OutboxRow } from '../src/guard/rows.ts'
import { listenOn, openReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'
import { everything } from './rig.ts'
import type { Rig } from './rig.ts'

/** What a test has opened, to be closed behind it: the last first. */
export class Opened {
  readonly #all: (() => Promise<unknown>)[] = []
  add(close: () => Promise<unknown>): void {
    this.#all.push(close)
  }
  async close(): Promise<void> {
    for (const close of this.#all.splice(0).toReversed()) await close()
  }
}

/** A receiver that is closed behind the test. */
export async function receiver(opened: Opened): Promise<Receiver> {
  const one = await openReceiver()
  opened.add(one.close)
  return one
}

/** Takes mail, without a login or TLS, into `mails`; gives its port. */
export async function postOffice(opened: Opened, mails: string[]): Promise<number> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onData: (stream, _, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString())
        done()
      })
    },
  })
  server.on('error', () => undefined)
  const port = await listenOn(server.server)
  opened.add(async () => await new Promise<void>((resolve) => server.close(resolve)))
  return port
}

export const key = Buffer.alloc(32, 7)
export const secret = `whsec_${key.toString('base64')}`

export const hook = (url: string, more = ''): string =>
  `notify:\n  channels:\n    ops: { kind: webhook, url: "${url}/hook" }\n${more}`

/** Puts channels' credentials into custody. */
export async function keep(
  { people }: Pick<Rig, 'people'>,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [target, value] of Object.entries(credentials))
    await people.callAs('custody-add', { target, secret: value })
}

/** Opens a hold on the production volume. */
export async function holdOf(rig: Rig): Promise<string> {
  const grant = await rig.people.mint('agent:a', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  return textOf((await rig.ask(grant, query)).body['holdId'])
}

/** Time passes until it has come: the gathering goes by the daemon's clock. */
export async function came(rig: Rig, holds: () => boolean, step = 3000): Promise<void> {
  await expect.poll(() => (rig.pass(step), holds()), { interval: 200 }).toBe(true)
}

export async function outbox(
  { running }: Pick<Rig, 'running'>,
  where: Partial<OutboxRow> = {},
): Promise<readonly OutboxRow[]> {
  return await running.firebreak.state.transact(async (tx) => await tx.find('outbox', where))
}

/** The titles of the alarms that nobody has seen. */
export async function alarms({ people }: Pick<Rig, 'people'>): Promise<string> {
  const rows = await people.call('alarm-list', { all: false })
  return (Array.isArray(rows) ? rows : [])
    .filter(isObject)
    .map((row) => `${textOf(row['rule'])}: ${textOf(row['message'])}`)
    .join('\n')
}
