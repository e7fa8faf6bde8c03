/** What is told, in words: one line that says it, and the facts below. Never a link that approves, never a secret. */
import { everyone } from '../guard/halt.ts'
import type { News } from '../guard/ports.ts'
import type { AlarmRow, HoldRow, OutboxRow } from '../guard/rows.ts'
import { operationNames } from '../guard/told.ts'
import { plain } from '../base/plain.ts'

export interface Message {
  readonly kind: OutboxRow['kind']
  readonly subject: string
  readonly title: string
  readonly facts: readonly string[]
}

export interface Words {
  /** The facts of a hold, as an approver sees them. */
  readonly hold: (hold: HoldRow) => readonly string[]
  /** Where the console is, as a browser writes it; null where the config names none. */
  readonly site: string | null
}

const longestTitle = 150

export function messageOfNews(news: News, words: Words): Message {
  switch (news.kind) {
    case 'hold': {
      const { hold } = news
      const title = `${hold.action.principal} asks for ${operationNames(hold.action)} on ${hold.action.target}`
      const facts = [...words.hold(hold), `expires    ${sayMoment(hold.expiresAt)}`]
      return message('hold', hold.id, title, [...facts.map(unlinked), placeOf(words, hold.id)])
    }
    case 'act': {
      const { hold } = news
      const title = `${operationNames(hold.action)} on ${hold.action.target} ${cameOf(hold)}`
      const facts = [...words.hold(hold), `what came  ${plain(hold.closing ?? '')}`]
      return message('act', hold.id, title, [...facts.map(unlinked), placeOf(words, hold.id)])
    }
    case 'halt': {
      const { id, by, reason } = news.halt
      const who = id === everyone ? 'everything' : id
      const facts = [
        `because    ${plain(reason, 300)}`,
        'until      an approver resumes it: `firebreak resume`',
      ]
      return message('halt', id, `${who} is halted by ${by}`, facts.map(unlinked))
    }
  }
}

export function messageOfAlarm({ id, rule, message: said, subject }: AlarmRow): Message {
  const facts = [said, `about      ${subject}`, 'see        `firebreak alarms`']
  return message('alarm', id, `alarm ${rule}: ${said}`, facts.map(unlinked))
}

/** Text of others must not become a link in somebody's mail: theirs are written so that no reader makes one of them. */
function unlinked(line: string): string {
  return line.replaceAll('://', String.raw`:\/\/`)
}

function message(
  kind: Message['kind'],
  subject: string,
  title: string,
  facts: readonly string[],
): Message {
  return { kind, subject, title: unlinked(plain(title, longestTitle)), facts }
}

function placeOf({ site }: Words, id: string): string {
  return `look at    ${site === null ? `\`firebreak holds ${id}\`` : `${site}/#/hold/${id}`}`
}

function cameOf({ state, outcome }: HoldRow): string {
  if (state === 'executed') return 'has run'
  return outcome === null ? 'may not run after all' : 'has failed'
}

/** `2026-11-27 08:35 UTC`. */
export function sayMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
