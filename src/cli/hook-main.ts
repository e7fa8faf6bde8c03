/** The hook from sources, as a program of its own; the package has it bundled (`hook-start.ts`): the last argument names the agent. */
import { runHook } from '../app/hook.ts'

// Whatever breaks, the code is the one that hosts take for a no.
process.on('uncaughtException', () => process.exit(2))
void runHook(process.argv.at(-1) ?? '').then((code) => process.exit(code))
