/** Firebreak's own session with a database: opened when it is needed, and anew where it was lost. */
import { openTurn } from '../base/turn.ts'
import type { Client } from '../gateways/postgres/client.ts'
import type { Ask } from '../platforms/postgres/questions.ts'

export interface Own {
  /** One statement, between those of others. */
  readonly ask: Ask
  /** The session by itself, for questions that belong together. */
  readonly alone: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

export function openOwn(open: () => Promise<Client>): Own {
  const inTurn = openTurn()
  let client: Client | null = null
  const session = async (): Promise<Client> => {
    if (client !== null) return client
    const fresh = await open()
    client = fresh
    const forget = (): void => {
      if (client === fresh) client = null
    }
    void fresh.ended.then(forget)
    return fresh
  }
  const alone: Own['alone'] = (work) => inTurn(async () => await work((await session()).ask))
  return {
    alone,
    ask: (sql, values) => alone((ask) => ask(sql, values)),
    close: async () => {
      await client?.close()
      client = null
    },
  }
}
