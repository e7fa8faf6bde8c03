/** The judge of the hook, as it is bundled (`scripts/hook-bundle.ts`) and started by `hook-start.ts`: the last argument names the agent. */
import { runHook } from '../app/hook.ts'
import { rehearse } from '../app/hook-rehearsal.ts'

/** Ends the process. `keep`, where there is one, is called once V8 has compiled what most calls need. */
export type Judge = (keep: (() => void) | null) => Promise<void>

// Whatever breaks, the code is the one that hosts take for a no.
process.on('uncaughtException', () => process.exit(2))

export const judge: Judge = async (keep) => {
  if (keep !== null) {
    try {
      await rehearse()
      keep()
    } catch {
      // A disk that is full: each call compiles it for itself, and is judged all the same.
    }
  }
  process.exit(await runHook(process.argv.at(-1) ?? ''))
}
