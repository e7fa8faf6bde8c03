/** Bypass watch of the databases: sessions that did not come through here, each told once. */
import { messageOf } from '../base/error.ts'
import type { Stranger } from '../inventory/postgres/watch.ts'
import type { Firebreak } from './compose.ts'
import { every } from './rounds.ts'

const everyMs = 5000

/** Looks every few seconds, at the catalog too; gives what stops it. */
export function watchStrangers(firebreak: Firebreak, log: (line: string) => void): () => void {
  const stops = [...firebreak.databases.keys()].map((target) => watchOne(firebreak, target, log))
  return () => {
    for (const stop of stops) stop()
  }
}

function watchOne(firebreak: Firebreak, target: string, log: (line: string) => void): () => void {
  let said = ''
  const round = async (): Promise<void> => {
    await lookOnce(firebreak, target)
    said = ''
  }
  return every(everyMs, round, (thrown) => {
    const line = `bypass watch: ${target}: ${messageOf(thrown)}`
    // What goes on for hours is said once.
    if (line !== said) log(line)
    said = line
  })
}

/** The sessions of one database that are not ours and were not told before, each alarmed and written down. */
export async function lookOnce(
  { databases, state, ledger, notices, clock }: Firebreak,
  target: string,
): Promise<readonly Stranger[]> {
  const database = databases.get(target)
  await database?.refresh()
  const strangers = (await database?.look()) ?? []
  for (const stranger of strangers) {
    const { pid, user, database, application, address, since } = stranger
    const subject = `${target}/${pid}`
    const body = { target, pid, user, database, application, address, since }
    const entry = { kind: 'alarm', at: clock.now(), subject, principal: null, body } as const
    await state.transact((tx) => ledger.append(tx, [entry]))
    notices.tell('bypass', told(target, stranger), subject)
  }
  return strangers
}

function told(target: string, { pid, user, application, address }: Stranger): string {
  const from = address === null ? 'a socket of its machine' : address
  const name =
    application === null || application === '' ? '' : `, calling itself \`${application}\``
  return `\`${user}\` is connected to ${target} past Firebreak, from ${from}${name} (process ${pid})`
}
