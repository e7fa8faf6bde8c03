/** Telling people: alarms as rows and as lines on the daemon's log, and all that is told in the outbox. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { plain } from '../base/plain.ts'
import type { Notices, State } from '../guard/ports.ts'
import { messageOfAlarm, messageOfNews } from './news.ts'
import type { Words } from './news.ts'
import { putOut } from './outbox.ts'
import type { OutboxHouse } from './outbox.ts'

const longestMessage = 1000

/** What is told on the log alone: holds are rows of their own. */
const logOnly: ReadonlySet<string> = new Set(['hold'])

export interface NoticeHouse extends OutboxHouse {
  readonly state: State
  readonly clock: Clock
  readonly chance: Chance
  readonly words: Words
  /** Writes one line where the person who runs the daemon sees it. */
  readonly log: (line: string) => void
}

/**
 * Tells without ever throwing; an alarm is stored in a transaction of its own, after the one that told it. One that nobody
 * has seen yet is not stored again: what repeats itself four times a second must not fill the state.
 */
export function openNotices(house: NoticeHouse): Notices {
  return {
    tellIn: async (tx, news) => await putOut(house, tx, messageOfNews(news, house.words)),
    tell: (rule, said, about) => {
      // What platforms and agents wrote is in it: on a person's screen it must stay text.
      const [message, subject] = [plain(said, longestMessage), plain(about)]
      house.log(`${rule}: ${message} (${subject})`)
      if (logOnly.has(rule)) return
      const at = house.clock.now()
      const row = { id: newId('alarm', at, house.chance), at, rule, message, subject, seenAt: null }
      house.state
        .transact(async (tx) => {
          const unseen = await tx.find('alarm', { rule, subject, seenAt: null }, 1)
          if (unseen.length > 0) return
          await tx.put('alarm', row)
          await putOut(house, tx, messageOfAlarm(row))
        })
        .catch((thrown: unknown) => house.log(`alarm not kept: ${messageOf(thrown)}`))
    },
  }
}
