/** `firebreak ledger`: is what is written down still what was written? Works with the daemon down. */
import { join } from 'node:path'
import { openSeal } from '../custody/seal.ts'
import { readKey } from '../app/world.ts'
import { openSigner } from '../ledger/note.ts'
import { verifyLog } from '../ledger/verify.ts'
import { openSqlite } from '../store/sqlite.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'

export const command: Command = {
  usage: ['firebreak ledger verify'],
  run: async (args, io) => {
    const [verb = 'verify', ...rest] = args
    if (verb !== 'verify') throw usage(`\`${verb}\` is no verb of \`ledger\``)
    const config = configOf(parse(rest, daemonOptions))
    const { verifier } = openSigner('firebreak', openSeal(readKey(config)).derive('ledger'))
    const state = openSqlite(join(config.state, 'state.db'))
    try {
      const result = await state.transact((tx) => verifyLog(tx.log, verifier))
      for (const fault of result.faults) io.say(`broken: ${fault}`)
      if (result.ok)
        io.say(
          `${result.size} entries, whole and in order; root ${result.root ?? ''}; verifier key ${verifier}`,
        )
      io.give({ ...result, verifier })
      return result.ok ? exits.done : exits.broken
    } finally {
      state.close()
    }
  },
}
