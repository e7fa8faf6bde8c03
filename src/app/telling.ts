/** The daemon's rounds to people, and the test that a person asks for. */
import { newId } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import { plain } from '../base/plain.ts'
import type { Answer, Channel } from '../notices/channel.ts'
import { openDelivery } from '../notices/deliver.ts'
import type { Firebreak } from './compose.ts'
import { every } from './rounds.ts'
import { realChance } from './world.ts'

const roundMs = 500

/** Looks twice a second; gives what stops it. A channel that is slow keeps no other waiting. */
export function keepTelling(firebreak: Firebreak, log: (line: string) => void): () => void {
  const { state, seal, clock, notices, channels, credential, config } = firebreak
  if (channels.size === 0) return () => undefined
  const { from = 0, to = 0, zone = null } = config.notify?.quiet ?? {}
  const delivery = openDelivery({
    state,
    seal,
    clock,
    chance: realChance,
    notices,
    channels,
    quiet: config.notify?.quiet === undefined ? null : { from, to, zone },
    isAllowed: credential.isAllowed,
  })
  // It comes twice a second: said once. The alarm stands where people look without being told, and repeats no word of a row.
  let said = ''
  const failed = (thrown: unknown): void => {
    const why = messageOf(thrown)
    if (why === said) return
    said = why
    log(`telling people: ${plain(why)}`)
    notices.tell(
      'not-told',
      'people are told nothing now; the log of the daemon says why',
      'outbox',
    )
  }
  const round = async (): Promise<void> => {
    // Not waited for: the next round serves the channels that are done.
    void delivery.round().then(() => (said = ''), failed)
    return await Promise.resolve()
  }
  const stop = every(roundMs, round, failed)
  return () => {
    stop()
    delivery.stop()
  }
}

/** Sends a test by each channel, past the outbox; one line of what each answered. Under an unaccepted config nothing is sent. */
export async function testChannels({
  channels,
  clock,
  credential,
}: Firebreak): Promise<readonly JsonObject[]> {
  return await Promise.all(
    [...channels].map(async ([name, channel]) => {
      const { kind, said }: Answer = credential.isAllowed()
        ? await tested(channel, clock.now())
        : {
            kind: 'refused',
            said: 'the config has changed and no approver has accepted it: nothing is sent',
          }
      return { channel: name, taken: kind === 'taken', said }
    }),
  )
}

async function tested(channel: Channel, now: number): Promise<Answer> {
  const id = newId('told', now, realChance)
  const title = 'a test: this way leads to you'
  const facts = ['nothing has happened, and nothing waits for you']
  const item = { id, at: now, kind: 'act', subject: 'test', title, facts } as const
  const text = `${facts.join('\n')}\n\nmessage    ${id}`
  try {
    return await channel.send(
      { id, at: now, title, text, isUrgent: false, items: [item] },
      AbortSignal.timeout(20_000),
    )
  } catch (thrown) {
    // What went wrong is the answer.
    return { kind: 'refused', said: plain(messageOf(thrown)) }
  }
}
